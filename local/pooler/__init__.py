"""The connection pooler: its configuration for an environment, and the one that runs in the embedded environment."""
