"""Settings of react_to_alarm."""

from dataclasses import dataclass

from rds_operations.runtime.settings.reactions import ReactionSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactToAlarmSettings(ReactionSettings):
    """Settings of the function that reacts to an alarm; none beyond those that reactions share."""
