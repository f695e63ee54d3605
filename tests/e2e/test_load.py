"""A short load of the deployed stack: every phase runs and is counted. What is fast enough is `make load`'s to say."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from local.checkout import Checkout
from local.demo.scene import Scene
from local.load.measured import DIRECT, FAILOVER, PACKAGE, PLAIN, POOLED, LoadReport
from local.load.phases import Load
from local.load.run import publish
from local.load.wishes import LEAST_SECONDS, Wishes
from local.pooler.configuration import SERVER_CONNECTIONS
from local.pooler.program import HOW_TO_INSTALL, find_pgbouncer


@pytest.fixture(scope="module")
def report(scene: Scene) -> LoadReport:
    if find_pgbouncer() is None:
        pytest.skip(HOW_TO_INSTALL)
    return Load(scene, Wishes(LEAST_SECONDS), lambda _: None).run()


def test_every_phase_did_something(report: LoadReport) -> None:
    done = {name: phase.figures.transactions > 0 for name, phase in report.phases.items()}

    assert done == dict.fromkeys([POOLED, DIRECT, PACKAGE, PLAIN, FAILOVER], True)


def test_three_hundred_clients_of_the_pooler_fail_nothing_on_thirty_connections(report: LoadReport) -> None:
    found = report.phases[POOLED].figures

    assert found.errors == {}
    assert found.connections["primary"] <= SERVER_CONNECTIONS


def test_direct_connections_take_one_of_the_server_each(report: LoadReport) -> None:
    assert report.phases[DIRECT].figures.connections["primary"] >= report.phases[DIRECT].clients


def test_failover_under_load_loses_nothing_and_applies_nothing_twice(report: LoadReport) -> None:
    assert report.outage.events > 0
    assert (report.outage.lost, report.outage.twice) == (0, 0)


def test_report_is_written_for_people_and_machines(report: LoadReport, tmp_path: Path) -> None:
    checkout = Checkout(tmp_path)

    publish(report, checkout, Console(file=io.StringIO(), width=200))

    document = json.loads((checkout.load_report / "report.json").read_text(encoding="utf-8"))
    assert document["phases"].keys() == report.phases.keys()
    assert "<svg" in (checkout.load_report / "report.html").read_text(encoding="utf-8")
