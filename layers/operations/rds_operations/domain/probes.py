"""What one look at the database found."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class ReplicaProgress:
    """One server that follows the primary.

    Args:
        name: Its replication slot, or how it calls itself where it has none.
        state: What it is doing, in PostgreSQL's words: `streaming` is well.
        replay_lag_bytes: How much of the primary's log it has not applied yet; None where that is not known.
        replay_lag_seconds: How long what it applied last took to get there; None where that is not known.
    """

    name: str
    state: str
    replay_lag_bytes: int | None
    replay_lag_seconds: float | None


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """One look.

    Args:
        reachable: A session could be opened.
        writable: A write was committed; None where nobody could be asked.
        in_recovery: The server follows another, or is starting after a crash; None where nobody could be asked.
        server_version: PostgreSQL's version, e.g. `16.14`.
        connect_ms: How long opening the session, or giving up on it, took.
        replicas: Who follows the server.
        error: Why the look is incomplete; None where it is not.
        acknowledged: How many of a drill's rows were committed; None where no drill asked for any.
    """

    reachable: bool
    connect_ms: int
    writable: bool | None = None
    in_recovery: bool | None = None
    server_version: str | None = None
    replicas: tuple[ReplicaProgress, ...] = ()
    error: str | None = None
    acknowledged: int | None = None

    def as_response(self) -> dict[str, object]:
        """Return the function's response; a drill alone is told of its rows."""
        response = asdict(self) | {"replicas": [asdict(replica) for replica in self.replicas]}
        if self.acknowledged is None:
            del response["acknowledged"]
        return response


@dataclass(frozen=True, slots=True)
class ProbeAnswer:
    """What asking the database brought, for an alert that cannot wait.

    Args:
        result: What was found; None where nobody answered.
        missing: Why there is no result, in a sentence; empty where there is one.
    """

    result: ProbeResult | None = None
    missing: str = ""

    @property
    def writable(self) -> bool | None:
        """Whether a write was committed; None where that is not known."""
        return self.result.writable if self.result else None

    @property
    def refuses_writes(self) -> bool:
        """Whether the database was asked, and is out of reach or takes no writes."""
        return self.result is not None and not self.result.writable

    @property
    def note(self) -> str:
        """Why nothing, or not everything, is known; empty where all is."""
        return self.missing if self.result is None else self.result.error or ""

    def in_words(self) -> str:
        """Return what it means for users, in a sentence."""
        if self.result is None:
            return f"Writes were not probed ({self.missing}): see that the application saves again."
        if self.result.writable:
            return f"The database takes writes again: it was reached in {self.result.connect_ms} ms and committed one."
        if self.result.reachable:
            return f"The database was reached and takes NO WRITES ({self.result.error or 'it follows another server'})."
        return f"The database could NOT BE REACHED under its endpoint's name ({self.result.error})."

    def replication(self) -> dict[str, str]:
        """Return how far each server that follows the primary has come, in words, by its name."""
        followers = self.result.replicas if self.result else ()
        return {follower.name: _progress(follower) for follower in followers}

    def follow(self, expected: int) -> bool | None:
        """Return whether as many servers stream from the primary as there should be; None where that is not known.

        Args:
            expected: Number of read replicas that RDS names.
        """
        if self.result is None or not self.result.writable or self.result.error:
            return None
        return sum(follower.state == "streaming" for follower in self.result.replicas) >= expected


NOT_ASKED = ProbeAnswer(missing="no probe is set up")
"""What there is to say where nobody can ask the database."""


def _progress(follower: ReplicaProgress) -> str:
    behind = "" if follower.replay_lag_bytes is None else f", {follower.replay_lag_bytes} bytes behind"
    return f"{follower.state}{behind}"
