"""Places to be."""
