"""The only code that knows boto3 and rds_postgres: one module a service."""
