"""The settings every function has."""

from dataclasses import dataclass
from typing import TypedDict

from rds_operations.runtime.settings.reader import EnvironmentReader

ENVIRONMENTS = ("dev", "staging", "prod")
# RDS stores identifiers in lower case and answers so; a capital letter would never match.
INSTANCE_IDENTIFIER_PATTERN = r"[a-z](?:-?[a-z0-9]){0,62}"
TOPIC_ARN_PATTERN = r"arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}"


class BaseFields(TypedDict):
    """The fields of `BaseSettings`, as read."""

    project_name: str
    environment: str
    db_instance_identifier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseSettings:
    """Settings of every function; a field's name in capitals is the environment variable's.

    Args:
        project_name: Prefix of names and tags, e.g. `langpont`.
        environment: dev, staging or prod.
        db_instance_identifier: The primary DB instance.
    """

    project_name: str
    environment: str
    db_instance_identifier: str


def read_base(reader: EnvironmentReader) -> BaseFields:
    """Read the fields that every function shares."""
    return BaseFields(
        project_name=reader.text(
            "PROJECT_NAME", pattern=r"[a-z](?:-?[a-z0-9]){1,30}", allowed="2 or more of a-z, 0-9 and single hyphens"
        ),
        environment=reader.choice("ENVIRONMENT", ENVIRONMENTS),
        db_instance_identifier=reader.text(
            "DB_INSTANCE_IDENTIFIER",
            pattern=INSTANCE_IDENTIFIER_PATTERN,
            allowed="a DB instance identifier of 1 to 63 lower-case letters, digits and single hyphens",
        ),
    )


def read_optional_alerts_topic_arn(reader: EnvironmentReader) -> str:
    """Read the topic that people subscribe to; empty switches the alerts of a function off that works without."""
    return reader.text(
        "ALERTS_TOPIC_ARN", pattern=TOPIC_ARN_PATTERN, allowed="the ARN of an SNS topic, or nothing", default=""
    )


def read_alerts_topic_arn(reader: EnvironmentReader) -> str:
    """Read the topic that people subscribe to."""
    return reader.text("ALERTS_TOPIC_ARN", pattern=TOPIC_ARN_PATTERN, allowed="the ARN of an SNS topic")
