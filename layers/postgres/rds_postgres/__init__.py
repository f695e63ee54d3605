"""Verified connections to PostgreSQL on Amazon RDS: certificates, logins by token or password, read-only queries.

It signs IAM tokens with botocore, knows nothing else of AWS and nothing of what is asked over a connection.
"""
