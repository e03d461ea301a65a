"""Setting up the hooks of the clients, and taking them out again."""
