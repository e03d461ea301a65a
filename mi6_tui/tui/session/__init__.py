"""One session in full: a module for each of its tabs, and what these share."""
