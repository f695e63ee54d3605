"""Real PostgreSQL 16, no container: a primary, its synchronous standby, a replica and a movable writer endpoint."""
