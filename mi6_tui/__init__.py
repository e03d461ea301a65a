"""A dashboard for everyone who runs many coding agents, and a headless transcript scanner."""

__version__ = "0.1.0"
