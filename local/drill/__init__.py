"""The failover drill: the primary is lost on purpose, and what that cost is measured (`make drill`)."""
