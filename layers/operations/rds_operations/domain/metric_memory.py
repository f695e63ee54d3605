"""What a run of push_metrics remembers for the next one: when each metric was measured, and what each counter showed.

It is worth something only as long as the same server runs in the same part: counters end with a crash or a failover.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from rds_operations.domain.counters import Readings
from rds_operations.domain.query_errors import QueryFailedError

# The manual, "System Information Functions": the time when the server started, whether it follows another.
SERVER_QUERY = """SELECT pg_postmaster_start_time() AS started_at, pg_is_in_recovery() AS in_recovery,
       current_setting('server_version_num')::integer / 10000 AS version"""


@dataclass(frozen=True, slots=True)
class Server:
    """Who answered.

    Args:
        started_at: When the server process started.
        in_recovery: Whether it follows another server.
        version: Its major version.
    """

    started_at: datetime
    in_recovery: bool
    version: int


def server_of(rows: Sequence[Mapping[str, object]]) -> Server:
    """Return the server that answered `SERVER_QUERY` with these rows.

    Raises:
        QueryFailedError: the answer has another form.
    """
    match rows:
        case [
            {"started_at": datetime() as started_at, "in_recovery": bool() as in_recovery, "version": int() as version}
        ]:
            return Server(started_at, in_recovery, version)
    raise QueryFailedError(f"the server does not say what it is, but {rows!r}")


@dataclass(frozen=True, slots=True)
class NodeMemory:
    """What is remembered of one node.

    Args:
        server: Who answered there.
        last_runs: When each metric was measured last.
        readings: What each counter showed then.
    """

    server: Server | None = None
    last_runs: Mapping[str, datetime] = field(default_factory=dict)
    readings: Mapping[str, Readings] = field(default_factory=dict)

    def of_server(self, server: Server) -> "NodeMemory":
        """Return what is still worth something now that this server answers: no counter of another one."""
        return self if server == self.server else replace(self, server=server, readings={})

    def after_run(self, metric: str, at: datetime) -> "NodeMemory":
        """Return the memory with the metric measured at that time."""
        return replace(self, last_runs={**self.last_runs, metric: at})

    def after_reading(self, metric: str, readings: Readings) -> "NodeMemory":
        """Return the memory with what the metric's counters show now."""
        return replace(self, readings={**self.readings, metric: readings})


type Memory = Mapping[str, NodeMemory]
"""By the identifier of the node."""
