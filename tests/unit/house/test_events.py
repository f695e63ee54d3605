"""What reaches a function: the rule's pattern matches every sample event, and every schedule says what it sends."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.templates import functions, resources

EVENTS = Path(__file__).parents[3] / "events"
VALUES = {
    "ProjectName": "langpont",
    "Environment": "prod",
    "SnapshotPrefix": "langpont-manual",
    "DBInstanceIdentifier": "langpont-prod-db",
    "ParameterGroupName": "langpont-prod-postgres16",
}
# What is sent to the handler to see it refused never passes the rule.
MALFORMED = "malformed"
SAMPLES = [path for path in sorted((EVENTS / "react_to_rds_event").glob("*.json")) if MALFORMED not in path.stem]


def _pattern() -> dict[str, Any]:
    (rule,) = resources("reactions", "AWS::Events::Rule").values()
    pattern: dict[str, Any] = rule["Properties"]["EventPattern"]
    return pattern


def _resolved(value: Any) -> str:
    if isinstance(value, str):
        return value
    text: str = VALUES[value["Ref"]] if "Ref" in value else value["Fn::Sub"]
    for name, substitute in VALUES.items():
        text = text.replace(f"${{{name}}}", substitute)
    return text


def _matches(identifier: str, wanted: list[Any]) -> bool:
    prefixes = [_resolved(one["prefix"]) for one in wanted if isinstance(one, dict) and "prefix" in one]
    exact = [_resolved(one) for one in wanted if not (isinstance(one, dict) and "prefix" in one)]
    return identifier in exact or identifier.startswith(tuple(prefixes))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_rule_lets_every_sample_through(path: Path) -> None:
    event, pattern = json.loads(path.read_text(encoding="utf-8")), _pattern()

    assert event["source"] in pattern["source"]
    assert event["detail-type"] in pattern["detail-type"]
    assert _matches(event["detail"]["SourceIdentifier"], pattern["detail"]["SourceIdentifier"])


@pytest.mark.parametrize("identifier", ["billing-prod-db", "langpont-staging-db", "rds:langpont-staging-db-2026-11-23"])
def test_rule_keeps_others_events_out(identifier: str) -> None:
    assert not _matches(identifier, _pattern()["detail"]["SourceIdentifier"])


def test_every_schedule_says_what_it_sends() -> None:
    inputs = {
        logical_id: json.loads(event["Properties"]["Input"])
        for _, logical_id, properties in functions()
        for event in properties.get("Events", {}).values()
        if event["Type"] == "ScheduleV2"
    }

    assert inputs["CreateSnapshotFunction"] == {"scheduled_time": "<aws.scheduler.scheduled-time>"}
    assert inputs["ExpireSnapshotsFunction"] == inputs["PushMetricsFunction"] == {}
