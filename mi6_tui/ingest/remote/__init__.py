"""Transcripts of another machine, read over ssh: nothing is installed there, and nothing changed."""
