"""What hooks leave in the spool folder, and how it gets into the store."""
