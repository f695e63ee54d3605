"""Composite alarms: made of alarms that exist, and going off when they should."""

import itertools
import re
from typing import Any

import pytest

from local.aws.gaps.alarms import decide_state
from local.aws.metric_math import Point, evaluate
from tests.alarms import ROWS, TWO_REPLICAS, made, row_of

ALARMS = made(*TWO_REPLICAS)
COMPOSITES = {name: alarm for name, alarm in ALARMS.items() if "AlarmRule" in alarm}
CHILD = re.compile(r'ALARM\("([^"]+)"\)')


def goes_off(name: str, *on: str) -> bool:
    """Return whether a composite is on while these alarms are."""
    rule = CHILD.sub(
        lambda found: str(found[1] in {f"langpont-prod-{stem}" for stem in on}), COMPOSITES[name]["AlarmRule"]
    )
    return bool(eval(rule.replace("AND", "and").replace("OR", "or")))  # noqa: S307 - True, False, and, or


@pytest.mark.parametrize("name", COMPOSITES)
def test_rule_names_alarms_of_the_same_instance_that_exist(name: str) -> None:
    children = CHILD.findall(COMPOSITES[name]["AlarmRule"])

    assert len(children) > 1
    assert set(children) <= set(ALARMS)
    assert {child.rpartition("-")[2].isdigit() and child[-1] for child in children} == {name[-1].isdigit() and name[-1]}


@pytest.mark.parametrize("replicas", ["0", "1"])
def test_rule_names_only_alarms_that_are_made(replicas: str) -> None:
    found = made(("ReplicaCount", replicas))

    assert {child for alarm in found.values() for child in CHILD.findall(alarm.get("AlarmRule", ""))} <= set(found)


@pytest.mark.parametrize(
    ("on", "verdict"),
    [
        (["connections-high"], False),
        (["rds-cpu-high", "db-load-high"], False),
        (["connections-high", "rds-cpu-high"], True),
        (["connections-high", "db-load-high"], True),
    ],
)
def test_overload_is_connections_and_waiting_together(on: list[str], verdict: bool) -> None:  # noqa: FBT001
    assert goes_off("langpont-prod-database-overloaded", *on) is verdict


@pytest.mark.parametrize(
    ("on", "verdict"),
    [
        (["replica-lag-1"], False),
        (["replica-bytes-behind-1"], False),
        (["replica-lag-1", "replica-bytes-behind-1"], True),
        (["replica-lag-1", "replica-lag-long-1"], True),
        (["replica-lag-1", "replica-bytes-behind-2"], False),
    ],
)
def test_replica_behind_an_idle_primary_is_only_a_warning(on: list[str], verdict: bool) -> None:  # noqa: FBT001
    assert goes_off("langpont-prod-replica-behind-1", *on) is verdict
    assert ROWS["replica-behind"].severity == "critical"


@pytest.mark.parametrize(
    ("counted", "mebibytes"),
    [(0, 0), (200 * 2**20, 200)],
)
def test_bytes_behind_are_those_that_the_replica_counts(counted: float, mebibytes: float) -> None:
    # The estimate is wrong: a tool that reads logically has stopped, and holds the slowest slot.
    assert bytes_behind(counted=counted, slot=900 * 2**20, lag=300, written=2**20) == pytest.approx(mebibytes)


@pytest.mark.parametrize(
    ("slot", "lag", "written", "mebibytes"),
    [
        # An idle primary: five minutes old, and a segment of 64 MiB switched every five minutes.
        (64 * 2**20, 300, 64 * 2**20 / 300, 64),
        (0, 300, 2**20, 300),
        (500 * 2**20, 10, 2**20, 500),
        # Where there is no slot, RDS may say -1.
        (-1, 0, 0, 0),
    ],
)
def test_bytes_behind_are_estimated_while_the_replica_counts_nothing(
    slot: float, lag: float, written: float, mebibytes: float
) -> None:
    assert bytes_behind(counted=None, slot=slot, lag=lag, written=written) == pytest.approx(mebibytes)


def test_nothing_known_of_a_replica_is_no_bytes_behind() -> None:
    assert bytes_behind(counted=None, slot=None, lag=None, written=None) == 0


@pytest.mark.parametrize("late", [0, 1, 2])
def test_bytes_behind_are_told_while_the_newest_minutes_have_no_data_yet(late: int) -> None:
    assert state_of_bytes_behind(*[None] * late, *[200 * 2**20] * (7 - late)) == "ALARM"


@pytest.mark.parametrize(
    "counted",
    [[None, None, *[200 * 2**20] * 4, 0], [None, 0, 0, *[200 * 2**20] * 4]],
    ids=["too short", "over"],
)
def test_bytes_behind_are_not_told_for_four_minutes(counted: list[Point]) -> None:
    assert state_of_bytes_behind(*counted) == "OK"


def test_description_says_how_many_minutes_of_how_many() -> None:
    assert " for 5 of 7 minutes: " in ALARMS["langpont-prod-replica-bytes-behind-1"]["AlarmDescription"]


def test_silent_alarms_are_parts_of_a_composite_that_speaks() -> None:
    silent = {name for name, alarm in ALARMS.items() if not alarm.get("AlarmActions")}
    named = set(itertools.chain.from_iterable(CHILD.findall(alarm["AlarmRule"]) for alarm in COMPOSITES.values()))

    assert {row_of(name).stem for name in silent} == {"replica-bytes-behind", "replica-lag-long"}
    assert silent <= named
    assert all("Tells nobody by itself: replica-behind does." in ALARMS[name]["AlarmDescription"] for name in silent)


def state_of_bytes_behind(*counted: Point) -> str | None:
    alarm = ALARMS["langpont-prod-replica-bytes-behind-1"]
    estimate = dict.fromkeys(("slot", "lag", "written"), (None,) * len(counted))
    values = evaluate(expression_of(alarm), {"counted": counted, **estimate}, 60, len(counted))
    return decide_state({**alarm, "Threshold": float(alarm["Threshold"])}, values[: alarm["EvaluationPeriods"]])


def bytes_behind(**metrics: float | None) -> float | None:
    expression = expression_of(ALARMS["langpont-prod-replica-bytes-behind-1"])
    [value] = evaluate(expression, {name: (found,) for name, found in metrics.items()}, 60, 1)
    return value


def expression_of(alarm: dict[str, Any]) -> str:
    [watched] = [query for query in alarm["Metrics"] if query["ReturnData"]]
    return str(watched["Expression"])
