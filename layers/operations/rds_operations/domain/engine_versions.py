"""Which engine version the template gets, so that no deployment asks RDS to go back.

docs/adr/0006-engine-version.md says which deployments would.
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

# Under extended support RDS appends a build, such as 11.22-rds.20240418.
_VERSION = re.compile(r"(?P<major>[0-9]{1,4})\.(?P<minor>[0-9]{1,4})(?:-(?P<build>[A-Za-z0-9.]{1,40}))?")
ALLOWED_VERSION = "a version of PostgreSQL with its minor number, such as 16.14"

_UPGRADING = "upgrading"


@dataclass(frozen=True, slots=True, order=True)
class EngineVersion:
    """A version of PostgreSQL on RDS, ordered as numbers: 16.9 comes before 16.10.

    Args:
        major: The number that only a deliberate upgrade changes.
        minor: The number that RDS raises by itself.
        build: RDS's own build of it, empty for most.
        text: The version as it was written.
    """

    major: int
    minor: int
    build: str = ""
    text: str = field(default="", compare=False)

    def __str__(self) -> str:
        return self.text or f"{self.major}.{self.minor}{f'-{self.build}' if self.build else ''}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return the version that the text names, or None."""
        match = _VERSION.fullmatch(text)
        if match is None:
            return None
        return cls(int(match["major"]), int(match["minor"]), (match["build"] or "").lower(), text)


@dataclass(frozen=True, slots=True)
class RunningEngine:
    """What an instance runs.

    Args:
        identifier: The instance's identifier.
        version: What it runs now.
        status: RDS's word, `upgrading` while the version changes.
        pending: What it is going to run, where that was asked for already.
    """

    identifier: str
    version: EngineVersion
    status: str
    pending: EngineVersion | None = None

    @property
    def newest(self) -> EngineVersion:
        """The version that it runs, or is about to."""
        return max(self.version, self.pending) if self.pending else self.version


@dataclass(frozen=True, slots=True)
class VersionWish:
    """What the template asks for.

    Args:
        wanted: The version that the template names.
        previously: What it named before this update; None at creation.
    """

    wanted: EngineVersion
    previously: EngineVersion | None = None

    @property
    def asks_for_nothing_newer(self) -> bool:
        """Whether this update goes back or stays: it can be a rollback, which must not fail."""
        return self.previously is not None and self.wanted <= self.previously


class VersionAction(StrEnum):
    """What is decided about the wanted version."""

    TAKE_WANTED = "take_wanted"
    KEEP_RUNNING = "keep_running"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class VersionDecision:
    """One decision.

    Args:
        version: What the template gets; what runs, where the wish is refused.
        action: Whose version it is.
        reason: Why, in a sentence.
    """

    version: EngineVersion
    action: VersionAction
    reason: str


def decide_engine_version(wish: VersionWish, running: RunningEngine | None) -> VersionDecision:
    """Decide which version the template gets.

    1. There is no instance: the wanted one.
    2. What runs, or is about to, is not older, in the same major version: what runs.
    3. Another major version runs, or RDS is upgrading the instance at this moment, nobody knows yet to what; and the
       update asks for nothing newer than the one before, as a rollback does, which must not fail: what runs.
    4. Another major version runs: refused, because that upgrade is a deliberate act.
    5. RDS is upgrading the instance: refused, to be asked again.
    6. The wanted one.
    """
    if running is None:
        return VersionDecision(wish.wanted, VersionAction.TAKE_WANTED, f"there is no instance yet: {wish.wanted}")
    newest, runs = running.newest, f"{running.identifier} runs {running.newest}"
    if newest.major == wish.wanted.major and newest >= wish.wanted:
        return VersionDecision(newest, VersionAction.KEEP_RUNNING, f"{runs}, not older than the wanted {wish.wanted}")
    obstacle = _obstacle(wish.wanted, running)
    if not obstacle:
        return VersionDecision(wish.wanted, VersionAction.TAKE_WANTED, f"{runs}, older than the wanted {wish.wanted}")
    if wish.asks_for_nothing_newer:
        reason = f"{runs}, and the template asks for nothing newer than before"
        return VersionDecision(newest, VersionAction.KEEP_RUNNING, reason)
    return VersionDecision(newest, VersionAction.REFUSE, obstacle)


def _obstacle(wanted: EngineVersion, running: RunningEngine) -> str:
    if running.newest.major != wanted.major:
        return (
            f"{running.identifier} runs PostgreSQL {running.newest} and EngineVersion asks for {wanted}: another major "
            "version is a deliberate act that no deployment does by itself (docs/adr/0006-engine-version.md)"
        )
    if running.status == _UPGRADING:
        return (
            f"RDS is upgrading {running.identifier} from {running.version} at this moment: deploy again once it is "
            f"available, to get {wanted}"
        )
    return ""
