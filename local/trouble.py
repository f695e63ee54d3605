"""What can go wrong around the environment, and how it is told in one line."""

import psycopg
from botocore.exceptions import BotoCoreError, ClientError

from deployment.errors import DeploymentError
from local.errors import LocalError

TROUBLE = (LocalError, DeploymentError, BotoCoreError, ClientError, psycopg.Error, OSError)
"""Errors that a person's surroundings can cause; anything else is a defect of ours and keeps its traceback."""


def in_a_line(error: BaseException) -> str:
    """Return an error as one line: our own words as they are, foreign ones with the kind of error."""
    words = " ".join(str(error).split()) or "it gave no reason"
    return words if isinstance(error, LocalError | DeploymentError) else f"{type(error).__name__}: {words}"
