"""Settings of react_to_rds_event."""

from dataclasses import dataclass

from rds_operations.runtime.settings.reactions import ReactionSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactToRdsEventSettings(ReactionSettings):
    """Settings of the function that reacts to an RDS event; none beyond those that reactions share."""
