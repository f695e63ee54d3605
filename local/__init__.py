"""The embedded environment: real PostgreSQL 16 and a local AWS, for demonstrations and tests on one machine."""
