"""The dashboard in a browser: who is let in, what a page is given, and the process behind it."""
