"""Settings of react_to_alarm."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from rds_operations.runtime.settings.base import read_alerts_topic_arn, read_base
from rds_operations.runtime.settings.reactions import ReactionSettings, read_chat_topic_arn, read_runbook_base_url
from rds_operations.runtime.settings.reader import EnvironmentReader


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactToAlarmSettings(ReactionSettings):
    """Settings of the function that reacts to an alarm.

    Args:
        probe_function_name: The function that asks the database; empty leaves the database unasked.
        chat_topic_arn: The topic that Amazon Q Developer is subscribed to; empty keeps alerts out of chat channels.
    """

    probe_function_name: str
    chat_topic_arn: str

    @classmethod
    def from_env(cls, variables: Mapping[str, str] | None = None) -> Self:
        """Read the settings.

        Raises:
            ConfigurationError: a variable is missing or wrong; all of them are named.
        """
        reader = EnvironmentReader(variables)
        settings = cls(
            **read_base(reader),
            alerts_topic_arn=read_alerts_topic_arn(reader),
            runbook_base_url=read_runbook_base_url(reader),
            chat_topic_arn=read_chat_topic_arn(reader),
            probe_function_name=reader.text(
                "PROBE_FUNCTION_NAME", pattern=r"[A-Za-z0-9_-]{1,64}", allowed="the name of a function", default=""
            ),
        )
        reader.finish()
        return settings
