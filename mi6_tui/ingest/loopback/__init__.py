"""A small HTTP server for programs on this machine: bounded in all it takes, deaf to foreign web pages."""
