"""Logging and metrics of a function, through Powertools.

The tracer stays out: its import costs more than boto3's, and Lambda's active tracing needs no SDK.
"""

from aws_lambda_powertools import Logger

logger = Logger()
