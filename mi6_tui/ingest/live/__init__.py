"""What is known of running sessions: the registries of the clients, and the processes."""
