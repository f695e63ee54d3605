"""What became of one intended action."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class OutcomeStatus(StrEnum):
    """The four ends an action can have."""

    DONE = "done"
    SKIPPED = "skipped"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of one action on one subject, always with a code and a reason.

    Build it with one of the four named constructors.

    Args:
        subject: Identifier of what was acted on.
        status: How it ended.
        code: A short stable word for machines.
        reason: A sentence for people.
    """

    subject: str
    status: OutcomeStatus
    code: str
    reason: str

    @classmethod
    def done(cls, subject: str, *, code: str, reason: str) -> Self:
        """Return the outcome of an action that was carried out."""
        return cls(subject, OutcomeStatus.DONE, code, reason)

    @classmethod
    def skipped(cls, subject: str, *, code: str, reason: str) -> Self:
        """Return the outcome of an action that was not needed."""
        return cls(subject, OutcomeStatus.SKIPPED, code, reason)

    @classmethod
    def refused(cls, subject: str, *, code: str, reason: str) -> Self:
        """Return the outcome of an action that a rule forbade."""
        return cls(subject, OutcomeStatus.REFUSED, code, reason)

    @classmethod
    def failed(cls, subject: str, *, code: str, reason: str) -> Self:
        """Return the outcome of an action that was tried and failed."""
        return cls(subject, OutcomeStatus.FAILED, code, reason)
