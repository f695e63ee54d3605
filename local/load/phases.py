"""The phases of a load, one after the other, on an environment that is up."""

import shutil
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from datetime import UTC, datetime

from local.demo.scene import Scene
from local.load.clients import LoadClients, started_clients
from local.load.connections import counted_connections
from local.load.figures import Phase, Round
from local.load.ladder import STEPS, Ladder
from local.load.measured import (
    CLIENTS,
    DIRECT,
    DIRECT_CLIENTS,
    FAILOVER,
    PACKAGE,
    PLAIN,
    POOLED,
    RATE,
    LoadReport,
    Outage,
)
from local.load.outages import ForcedLoss, marks_present, new_mark, outage_of
from local.load.pgbench import PgbenchRun
from local.load.targets import Target, Targets
from local.load.wishes import Wishes
from local.processes import Processes

_LADDER_SHARE, _LEAST_RUNG_SECONDS = 1 / 12, 1.0
_MORE_THAN_POSSIBLE = 10_000.0
_WARM_UP_RATE, _WARM_UP_SECONDS = 300.0, 2.0
_FAILOVER_AFTER_SHARE, _FAILOVER_RATE_SHARE = 1 / 3, 0.6
_PROCESS = "load"

TITLES = {
    POOLED: "pgbench through PgBouncer",
    DIRECT: "pgbench, direct connections",
    PACKAGE: "langpont_db through PgBouncer",
    PLAIN: "plain SQLAlchemy through PgBouncer",
    FAILOVER: "langpont_db, with a failover",
}
NOTE = (
    "Clients, pooler, three servers, the movable endpoint and the local AWS share this machine. pgbench stays light; "
    "the Python clients take the processor time that the servers would need, so their rate is the machine's, not the "
    "database's. Response times count from the moment at which a transaction was due."
)

type Say = Callable[[str], None]


class Load:
    """Loads an environment that is up.

    Args:
        scene: The environment.
        wishes: How long.
        say: Told a line for each step.

    Raises:
        LocalError: it has no pooler.
    """

    def __init__(self, scene: Scene, wishes: Wishes, say: Say) -> None:
        self._scene = scene
        self._wishes = wishes
        self._say = say
        self._targets = Targets.of(scene)
        self._mark = Processes(scene.checkout.local).mark(_PROCESS)
        self._folder = scene.checkout.local / "load"
        self._event_mark = new_mark()

    def run(self) -> LoadReport:
        """Run every phase and return what was measured.

        Raises:
            LocalError: a phase could not be finished.
        """
        started_at = datetime.now(UTC)
        shutil.rmtree(self._folder, ignore_errors=True)
        pooler = self._scene.environment.pgbouncer
        phases = self._pgbench_phases()
        found, ladders, flat_out = self._application_phases()
        failed_over, outage, lost_at = self._failover_phase(ladders[PACKAGE].sustained_rate * _FAILOVER_RATE_SHARE)
        return LoadReport(
            started_at=started_at,
            seconds=self._wishes.seconds,
            pgbouncer=pooler.version if pooler else "",
            phases={**phases, **found, FAILOVER: failed_over},
            ladders={name: tuple(ladder.rungs) for name, ladder in ladders.items()},
            flat_out=flat_out,
            outage=outage,
            lost_at=lost_at,
            notes=(NOTE,),
        )

    def _pgbench_phases(self) -> dict[str, Phase]:
        plan = ((POOLED, self._targets.pooled_writer, CLIENTS), (DIRECT, self._targets.direct, DIRECT_CLIENTS))
        rounds: dict[str, list[Round]] = {name: [] for name, *_ in plan}
        for number in range(self._wishes.rounds):
            for name, target, clients in plan:
                rounds[name].append(self._pgbench(name, number, target, clients))
        return {name: Phase(name, TITLES[name], clients, RATE, tuple(rounds[name])) for name, _, clients in plan}

    def _pgbench(self, name: str, number: int, target: Target, clients: int) -> Round:
        folder = self._folder / f"{name}-{number}"
        run = PgbenchRun(target, clients, RATE, self._wishes.round_seconds, folder)
        with counted_connections(self._scene.cluster) as connections:
            loaded = run.run(self._mark)
        return self._told(TITLES[name], replace(loaded, connections=connections))

    def _application_phases(self) -> tuple[dict[str, Phase], dict[str, Ladder], dict[str, tuple[float, ...]]]:
        with ExitStack() as running:
            clients = {name: running.enter_context(self._clients(name)) for name in (PACKAGE, PLAIN)}
            ladders = self._climbed(clients)
            rounds: dict[str, list[Round]] = {name: [] for name in clients}
            for _ in range(self._wishes.rounds):
                for name, ladder in ladders.items():
                    rounds[name].append(self._application_round(name, clients[name], ladder.sustained_rate))
            flat_out = self._flat_out(clients)
        phases = {
            name: Phase(name, TITLES[name], CLIENTS, ladder.sustained_rate, tuple(rounds[name]))
            for name, ladder in ladders.items()
        }
        return phases, ladders, flat_out

    def _climbed(self, clients: Mapping[str, LoadClients]) -> dict[str, Ladder]:
        self._say(f"Looking for the rates that applications hold, {STEPS} times {self._rung_seconds:g} s each")
        ladders = {name: Ladder() for name in clients}
        for each in clients.values():
            each.load(_WARM_UP_RATE, _WARM_UP_SECONDS, self._event_mark)
        for _ in range(STEPS):
            for name, ladder in ladders.items():
                rate = ladder.next_rate
                loaded = clients[name].load(rate, self._rung_seconds, self._event_mark)
                ladder.climb(Phase(name, TITLES[name], CLIENTS, rate, (loaded,)).figures)
        return ladders

    def _flat_out(self, clients: Mapping[str, LoadClients]) -> dict[str, tuple[float, ...]]:
        """Return what clients do a second when they never pause: in short turns, for the machine is never the same.

        A turn with an error counts for nothing.
        """
        done: dict[str, list[float]] = {name: [] for name in clients}
        for _ in range(STEPS):
            for name, each in clients.items():
                loaded = each.load(_MORE_THAN_POSSIBLE, self._rung_seconds, self._event_mark)
                found = Phase(name, TITLES[name], CLIENTS, _MORE_THAN_POSSIBLE, (loaded,)).figures
                if found.errors:
                    self._say(f"{TITLES[name]}, flat out: {found.error_count} errors")
                done[name].append(0.0 if found.errors else found.throughput)
        return {name: tuple(rates) for name, rates in done.items()}

    @property
    def _rung_seconds(self) -> float:
        return max(self._wishes.seconds * _LADDER_SHARE, _LEAST_RUNG_SECONDS)

    def _application_round(self, name: str, clients: LoadClients, rate: float) -> Round:
        with counted_connections(self._scene.cluster) as connections:
            loaded = clients.load(rate, self._wishes.round_seconds, self._event_mark)
        return self._told(TITLES[name], replace(loaded, connections=connections))

    def _failover_phase(self, rate: float) -> tuple[Phase, Outage, float]:
        loss, mark = ForcedLoss(self._scene), f"{self._event_mark}-failover"
        loss.wait_until_whole()
        with self._clients(PACKAGE) as clients, counted_connections(self._scene.cluster) as connections:
            clients.load(_WARM_UP_RATE, _WARM_UP_SECONDS, self._event_mark)
            timer = loss.after(self._wishes.seconds * _FAILOVER_AFTER_SHARE)
            timer.start()
            loaded = clients.load(rate, self._wishes.seconds, mark)
            timer.join()
        failover = loss.since(loaded.began)
        loaded = self._told(TITLES[FAILOVER], replace(loaded, connections=connections))
        outage = outage_of(loaded, failover, marks_present(self._scene, mark))
        loss.wait_until_whole()
        phase = Phase(FAILOVER, TITLES[FAILOVER], CLIENTS, rate, (loaded,))
        return phase, outage, failover.started_at.timestamp() - loaded.began

    def _clients(self, name: str) -> AbstractContextManager[LoadClients]:
        checkout = self._scene.checkout
        return started_clients(
            name, self._targets, clients=CLIENTS, root=checkout.root, logs=checkout.logs, mark=self._mark
        )

    def _told(self, title: str, loaded: Round) -> Round:
        found = Phase("", "", 0, 0, (loaded,)).figures
        mean = "nothing" if found.mean_ms is None else f"{found.mean_ms:.1f} ms"
        self._say(f"{title}: {found.throughput:.0f} a second, mean {mean}, {found.error_count} errors")
        return loaded
