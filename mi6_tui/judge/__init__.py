"""Pure functions over facts: what the recorded things mean."""
