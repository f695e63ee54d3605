"""Settings of rehearse_alert."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from rds_operations.domain.deployment import Deployment
from rds_operations.runtime.settings.base import TOPIC_ARN_PATTERN, BaseSettings, read_base
from rds_operations.runtime.settings.reader import EnvironmentReader


@dataclass(frozen=True, slots=True, kw_only=True)
class RehearseAlertSettings(BaseSettings):
    """Settings of the function that rehearses an alert's way.

    Args:
        alarms_topic_arn: The topic that alarms publish to.
    """

    alarms_topic_arn: str

    @property
    def deployment(self) -> Deployment:
        """Whose alarm is made up."""
        return Deployment(self.project_name, self.environment, self.db_instance_identifier)

    @classmethod
    def from_env(cls, variables: Mapping[str, str] | None = None) -> Self:
        """Read the settings.

        Raises:
            ConfigurationError: a variable is missing or wrong; all of them are named.
        """
        reader = EnvironmentReader(variables)
        settings = cls(
            **read_base(reader),
            alarms_topic_arn=reader.text(
                "ALARMS_TOPIC_ARN", pattern=TOPIC_ARN_PATTERN, allowed="the ARN of an SNS topic"
            ),
        )
        reader.finish()
        return settings
