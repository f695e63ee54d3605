"""The only code that knows botocore and rds_postgres: one module a service."""
