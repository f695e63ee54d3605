"""A failover in the middle of a load: forced through the RDS API, and counted afterwards."""

import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from local.demo.scene import Scene
from local.drill import losses
from local.drill.writes import first_acknowledged, longest_silence
from local.errors import LocalError
from local.load.figures import WRITES, Round, Transaction
from local.load.measured import Outage
from local.postgres.failover import Failover
from local.reports.attempts import Attempt
from local.waiting import last_value, wait_until

_FAILOVER_WITHIN_SECONDS = 60.0
_WHOLE_WITHIN_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class ForcedLoss:
    """A failover that is asked for while something else runs.

    Args:
        scene: The environment.
    """

    scene: Scene

    def after(self, seconds: float) -> "threading.Timer":
        """Ask for it in a while; the timer is not started yet."""
        return threading.Timer(seconds, lambda: losses.force(self.scene.aws.rds, self.scene.instance))

    def since(self, moment: float) -> Failover:
        """Return the failover that was asked for after a moment in Unix time.

        Raises:
            LocalError: there was none.
        """

        def recorded() -> Failover | None:
            last = Failover.read(self.scene.cluster.folders.last_failover)
            return last if last and last.started_at.timestamp() >= moment else None

        found = last_value(recorded, deadline_seconds=_FAILOVER_WITHIN_SECONDS)
        if found is None:
            raise LocalError(f"no failover happened within {_FAILOVER_WITHIN_SECONDS:g} s")
        return found

    def wait_until_whole(self) -> None:
        """Wait for the standby, so that a failover is possible.

        Raises:
            LocalError: it did not come back in time.
        """
        cluster = self.scene.cluster
        wait_until("the standby to be in sync", cluster.is_in_sync, deadline_seconds=_WHOLE_WITHIN_SECONDS)


def outage_of(loaded: Round, failover: Failover, present: Counter[str]) -> Outage:
    """Return what a failover cost.

    Args:
        loaded: The load around it.
        failover: When what happened.
        present: How often the database has each mark.
    """
    writes = _attempts([one for one in loaded.transactions if one.kind in WRITES])
    back = first_acknowledged(writes, failover.promoted_at.timestamp())
    acknowledged = [one.mark for one in loaded.transactions if one.mark and not one.error]
    return Outage(
        recovery_seconds=None if back is None else round(back - failover.started_at.timestamp(), 3),
        silence_seconds=round(longest_silence(writes), 3),
        events=len(acknowledged),
        lost=sum(mark not in present for mark in acknowledged),
        twice=sum(count > 1 for count in present.values()),
    )


def marks_present(scene: Scene, beginning: str) -> Counter[str]:
    """Return how often the database has each session id that begins so."""
    with scene.connect() as connection:
        query = b"SELECT session_id, count(*) FROM analytics.analytics_events WHERE session_id LIKE %s GROUP BY 1"
        rows = connection.execute(query, [f"{beginning}-%"]).fetchall()
    return Counter({str(mark): int(str(count)) for mark, count in rows})


def new_mark() -> str:
    """Return what begins the session ids of one load, and of no other."""
    return f"load-{time.time_ns():x}"


def _attempts(transactions: Sequence[Transaction]) -> list[Attempt]:
    return [Attempt((0, place), one.began, one.ended, not one.error) for place, one in enumerate(transactions)]
