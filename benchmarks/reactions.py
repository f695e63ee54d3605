"""Times an RDS event's way to the alert in the embedded environment, the function started for it or running already.

From the event's own time to the moment at which the queue beside people's mailboxes has the alert: EventBridge's rule,
Lambda, the function with all that it looks up, SNS. The event is a drill's, which goes the same way as RDS's own.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from typing import Any

import boto3
from rich.table import Table

from local.checkout import Checkout
from local.demo.scene import Scene
from local.errors import LocalError
from local.interruptions import undisturbed
from local.lifecycle import Lifecycle
from local.waiting import wait_until

REACT = "ReactToRdsEventFunction"
COMPLETED = "RDS-EVENT-0049"
COLD, WARM = "cold", "warm"
COLD_RUNS, WARM_RUNS = 5, 20
ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class ReactionTimes:
    """One kind of start.

    Args:
        start: `cold` where the function has to be started for the event, `warm` where it runs already.
        seconds: What each event took.
    """

    start: str
    seconds: tuple[float, ...]

    @property
    def median_seconds(self) -> float:
        """Return the middle of them."""
        return median(self.seconds)


def measure_reactions(checkout: Checkout) -> list[ReactionTimes]:
    """Bring an environment up, measure cold and warm starts, and stop it.

    Args:
        checkout: With a state of its own.

    Raises:
        LocalError: it could not be brought up, or an alert did not come.
    """
    lifecycle = Lifecycle(checkout, lambda _: None)
    try:
        lifecycle.down()
        scene = Scene.of(checkout, lifecycle.up(), lifecycle.cluster)
        return [_measured(scene, COLD, COLD_RUNS), _measured(scene, WARM, WARM_RUNS)]
    finally:
        with undisturbed():
            lifecycle.down()


def reactions_table(measured: Sequence[ReactionTimes]) -> Table:
    """Return the times as multiples of the warm start's median."""
    table = Table(title="Event to alert, embedded environment", title_justify="left")
    for heading in ("Start", "Events", "Least ms", "Median ms", "Greatest ms", "Ratio"):
        table.add_column(heading, justify="right")
    for row in measured:
        times = (min(row.seconds), row.median_seconds, max(row.seconds))
        table.add_row(
            row.start,
            str(len(row.seconds)),
            *(f"{each * 1000:,.0f}" for each in times),
            f"{row.median_seconds / _warm_median(measured):.1f} x",
        )
    return table


def reactions_document(measured: Sequence[ReactionTimes]) -> list[dict[str, Any]]:
    """Return the same as JSON's types."""
    return [
        {
            "start": row.start,
            "seconds": [round(each, 3) for each in row.seconds],
            "median_seconds": round(row.median_seconds, 3),
            "ratio": round(row.median_seconds / _warm_median(measured), 2),
        }
        for row in measured
    ]


def completed_failover(instance: str, at: datetime) -> dict[str, Any]:
    """Return the drill's event of a completed failover, as PutEvents takes it."""
    arn = f"arn:aws:rds:ap-northeast-1:000000000000:db:{instance}"
    detail = {
        "EventCategories": ["failover"],
        "SourceType": "DB_INSTANCE",
        "SourceArn": arn,
        "Date": _text(at),
        "Message": "Multi-AZ instance failover completed",
        "SourceIdentifier": instance,
        "EventID": COMPLETED,
    }
    return {
        "Source": "langpont.drill",
        "DetailType": "RDS DB Instance Event",
        "Resources": [arn],
        "Detail": json.dumps(detail),
    }


def _measured(scene: Scene, start: str, runs: int) -> ReactionTimes:
    """Measure until so many events met a function of that kind, by its own word; one meant to be cold may not be."""
    seconds: list[float] = []
    for _ in range(runs * ATTEMPTS):
        if start == COLD:
            _stop_what_runs(scene)
        took, was_cold = _timed(scene)
        seconds += [took] if was_cold == (start == COLD) else []
        if len(seconds) == runs:
            return ReactionTimes(start, tuple(seconds))
    raise LocalError(f"of {runs * ATTEMPTS} events only {len(seconds)} met a {start} function")


def _timed(scene: Scene) -> tuple[float, bool]:
    """Return the seconds from an event to its alert, and whether the function was started for it."""
    environment, before = scene.environment, _handled(scene)
    session: Any = boto3.Session(
        environment.aws_access_key_id, environment.aws_secret_access_key, region_name=environment.region
    )
    events = session.client("events", endpoint_url=environment.endpoint_url)
    at = datetime.now(UTC)
    events.put_events(Entries=[completed_failover(scene.instance, at)])
    alert = scene.wait_for_alert("the alert", REACT, lambda each: each.body.get("occurred_at") == _text(at))
    if alert.delivered_at is None:
        raise LocalError("the queue does not say when an alert came")
    new = wait_until("the reaction's log", lambda: _handled(scene).items() - before.items(), deadline_seconds=30)
    return (alert.delivered_at - at).total_seconds(), any(was_cold for _, was_cold in new)


def _handled(scene: Scene) -> dict[str, bool]:
    """Return whether each invocation that handled a completed failover was a cold start, by its request."""
    records = (json.loads(line) for line in scene.stack.log_lines(REACT) if line.startswith("{"))
    return {
        record["function_request_id"]: record["cold_start"]
        for record in records
        if record.get("event_id") == COMPLETED and "cold_start" in record
    }


def _stop_what_runs(scene: Scene) -> None:
    """A change of the configuration makes Lambda start the function anew, and so does the embedded one."""
    name = scene.stack.physical_id(REACT)
    memory = scene.aws.functions.get_function_configuration(FunctionName=name)["MemorySize"]
    scene.aws.functions.update_function_configuration(FunctionName=name, MemorySize=memory)
    scene.aws.functions.get_waiter("function_updated").wait(FunctionName=name)


def _warm_median(measured: Sequence[ReactionTimes]) -> float:
    return next(row.median_seconds for row in measured if row.start == WARM)


def _text(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
