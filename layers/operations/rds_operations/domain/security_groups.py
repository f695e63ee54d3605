"""Rules of a security group."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GroupRule:
    """One rule.

    Args:
        identifier: Its own id, such as `sgr-0a1b2c3d`.
        is_egress: Whether it lets traffic out; otherwise it lets traffic in.
    """

    identifier: str
    is_egress: bool
