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
    """

    reachable: bool
    connect_ms: int
    writable: bool | None = None
    in_recovery: bool | None = None
    server_version: str | None = None
    replicas: tuple[ReplicaProgress, ...] = ()
    error: str | None = None

    def as_response(self) -> dict[str, object]:
        """Return the function's response."""
        return asdict(self) | {"replicas": [asdict(replica) for replica in self.replicas]}
