"""The settings that both reacting functions share."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from rds_operations.runtime.settings.base import TOPIC_ARN_PATTERN, BaseSettings, read_alerts_topic_arn, read_base
from rds_operations.runtime.settings.reader import EnvironmentReader


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactionSettings(BaseSettings):
    """Settings of a function that reacts with an alert.

    Args:
        alerts_topic_arn: The topic that people subscribe to.
        runbook_base_url: Where docs/runbooks can be read; empty leaves runbook links out of the alerts.
    """

    alerts_topic_arn: str
    runbook_base_url: str

    @classmethod
    def from_env(cls, variables: Mapping[str, str] | None = None) -> Self:
        """Read the settings.

        Raises:
            ConfigurationError: a variable is missing or wrong; all of them are named.
        """
        reader = EnvironmentReader(variables)
        base = read_base(reader)
        alerts_topic_arn = read_alerts_topic_arn(reader)
        runbook_base_url = read_runbook_base_url(reader)
        reader.finish()
        return cls(**base, alerts_topic_arn=alerts_topic_arn, runbook_base_url=runbook_base_url)


def read_runbook_base_url(reader: EnvironmentReader) -> str:
    """Read where the runbooks are published; empty switches links to them off."""
    return reader.text(
        "RUNBOOK_BASE_URL", pattern=r"https?://[!-~]+", allowed="an http or https address, or nothing", default=""
    )


def read_chat_topic_arn(reader: EnvironmentReader) -> str:
    """Read the topic that Amazon Q Developer is subscribed to; empty keeps alerts out of chat channels."""
    return reader.text(
        "CHAT_TOPIC_ARN", pattern=TOPIC_ARN_PATTERN, allowed="the ARN of an SNS topic, or nothing", default=""
    )
