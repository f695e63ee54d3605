"""The phases of a load, one after the other, on an environment that is up."""

import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime

from local.demo.scene import Scene
from local.load.clients import LoadClients, started_clients
from local.load.connections import ConnectionCounter
from local.load.figures import Figures, Phase, Round
from local.load.ladder import STEPS, Rung, highest_held
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
        rates, ladders = self._find_rates()
        phases |= self._application_phases(rates)
        phases[FAILOVER], outage, lost_at = self._failover_phase(rates[PACKAGE] * _FAILOVER_RATE_SHARE)
        version = pooler.version if pooler else ""
        return LoadReport(started_at, self._wishes.seconds, version, phases, ladders, outage, lost_at, (NOTE,))

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
        with ConnectionCounter(self._scene.cluster) as counter:
            loaded = run.run(self._mark)
        return self._told(TITLES[name], replace(loaded, connections=counter.most))

    def _find_rates(self) -> tuple[dict[str, float], dict[str, tuple[Rung, ...]]]:
        rates, ladders = {}, {}
        seconds = max(self._wishes.seconds * _LADDER_SHARE, _LEAST_RUNG_SECONDS)
        for name in (PACKAGE, PLAIN):
            self._say(f"{TITLES[name]}: looking for the rate that it holds, {STEPS} times {seconds:g} s")
            with self._clients(name) as clients:
                clients.load(_WARM_UP_RATE, _WARM_UP_SECONDS, self._event_mark)

                def attempt(rate: float, clients: LoadClients = clients) -> Figures:
                    return Phase("", "", CLIENTS, rate, (clients.load(rate, seconds, self._event_mark),)).figures

                rates[name], ladders[name] = highest_held(attempt)
        return rates, ladders

    def _application_phases(self, rates: dict[str, float]) -> dict[str, Phase]:
        rounds: dict[str, list[Round]] = {name: [] for name in rates}
        for _ in range(self._wishes.rounds):
            for name, rate in rates.items():
                with self._clients(name) as clients:
                    rounds[name].append(self._application_round(name, clients, rate))
        return {name: Phase(name, TITLES[name], CLIENTS, rate, tuple(rounds[name])) for name, rate in rates.items()}

    def _application_round(self, name: str, clients: LoadClients, rate: float) -> Round:
        clients.load(_WARM_UP_RATE, _WARM_UP_SECONDS, self._event_mark)
        with ConnectionCounter(self._scene.cluster) as counter:
            loaded = clients.load(rate, self._wishes.round_seconds, self._event_mark)
        return self._told(TITLES[name], replace(loaded, connections=counter.most))

    def _failover_phase(self, rate: float) -> tuple[Phase, Outage, float]:
        loss, mark = ForcedLoss(self._scene), f"{self._event_mark}-failover"
        loss.wait_until_whole()
        with self._clients(PACKAGE) as clients, ConnectionCounter(self._scene.cluster) as counter:
            clients.load(_WARM_UP_RATE, _WARM_UP_SECONDS, self._event_mark)
            timer = loss.after(self._wishes.seconds * _FAILOVER_AFTER_SHARE)
            timer.start()
            loaded = clients.load(rate, self._wishes.seconds, mark)
            timer.join()
        failover = loss.since(loaded.began)
        loaded = self._told(TITLES[FAILOVER], replace(loaded, connections=counter.most))
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
