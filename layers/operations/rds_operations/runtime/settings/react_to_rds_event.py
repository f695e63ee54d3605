"""Settings of react_to_rds_event."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from rds_operations.domain.follow_ups import FollowUpPlan
from rds_operations.runtime.settings.base import read_alerts_topic_arn, read_base
from rds_operations.runtime.settings.reactions import ReactionSettings, read_chat_topic_arn, read_runbook_base_url
from rds_operations.runtime.settings.reader import EnvironmentReader

_ROLE_PATTERN = r"arn:aws[a-z-]*:iam::[0-9]{12}:role/.{1,512}"
_QUEUE_PATTERN = r"arn:aws[a-z-]*:sqs:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,80}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactToRdsEventSettings(ReactionSettings):
    """Settings of the function that reacts to an RDS event.

    Args:
        probe_function_name: The function that asks the database; empty leaves the database unasked.
        chat_topic_arn: The topic that Amazon Q Developer is subscribed to; empty keeps alerts out of chat channels.
        follow_up_group: The schedule group of second looks; empty for none.
        follow_up_role_arn: The role by which Scheduler invokes this function; required with a group.
        follow_up_queue_arn: Where Scheduler puts what it cannot deliver; required with a group.
        follow_up_seconds: How long after a completed failover the second look is taken.
        completion_seconds: How long a failover may take before people are told that it is not complete.
    """

    probe_function_name: str
    chat_topic_arn: str
    follow_up_group: str
    follow_up_role_arn: str
    follow_up_queue_arn: str
    follow_up_seconds: int
    completion_seconds: int

    @property
    def plan(self) -> FollowUpPlan:
        """When there is a second look."""
        return FollowUpPlan(
            zones_after=timedelta(seconds=self.follow_up_seconds),
            completion_within=timedelta(seconds=self.completion_seconds),
        )

    @classmethod
    def from_env(cls, variables: Mapping[str, str] | None = None) -> Self:
        """Read the settings.

        Raises:
            ConfigurationError: a variable is missing or wrong; all of them are named.
        """
        reader = EnvironmentReader(variables)
        group = reader.text(
            "FOLLOW_UP_GROUP", pattern=r"[A-Za-z0-9_.-]{1,64}", allowed="the name of a schedule group", default=""
        )
        unless_grouped = None if group else ""
        settings = cls(
            **read_base(reader),
            alerts_topic_arn=read_alerts_topic_arn(reader),
            runbook_base_url=read_runbook_base_url(reader),
            chat_topic_arn=read_chat_topic_arn(reader),
            probe_function_name=reader.text(
                "PROBE_FUNCTION_NAME", pattern=r"[A-Za-z0-9_-]{1,64}", allowed="the name of a function", default=""
            ),
            follow_up_group=group,
            follow_up_role_arn=reader.text(
                "FOLLOW_UP_ROLE_ARN", pattern=_ROLE_PATTERN, allowed="the ARN of a role", default=unless_grouped
            ),
            follow_up_queue_arn=reader.text(
                "FOLLOW_UP_QUEUE_ARN", pattern=_QUEUE_PATTERN, allowed="the ARN of a queue", default=unless_grouped
            ),
            follow_up_seconds=reader.integer("FOLLOW_UP_SECONDS", minimum=10, maximum=3600, default=600),
            completion_seconds=reader.integer("COMPLETION_SECONDS", minimum=10, maximum=3600, default=600),
        )
        reader.finish()
        return settings
