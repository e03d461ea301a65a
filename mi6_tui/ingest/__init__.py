"""From files on disk to the store: find transcripts, read what is new, record it."""
