"""Every alarm as it is deployed: whom it tells, what it says, what it looks at."""

from itertools import chain

import pytest

from rds_operations.domain.metric_queries import FAILURES_METRIC
from tests.alarms import (
    DIMENSIONS,
    EXISTING,
    METRICS,
    ROWS,
    TABLES,
    TWO_REPLICAS,
    Made,
    dimensions,
    made,
    metrics,
    row_of,
)
from tests.stack_plan import root
from tests.templates import ROOT
from tests.whole_tables import for_each

ALARMS = made(*TWO_REPLICAS)
DATABASE = {name: alarm for name, alarm in ALARMS.items() if row_of(name) in TABLES.database}
AUTOMATION = {name: alarm for name, alarm in ALARMS.items() if row_of(name) in TABLES.automation}
WATCHED = {name: alarm for name, alarm in ALARMS.items() if "AlarmRule" not in alarm}


def period_of(alarm: Made) -> int:
    """Return the period in seconds, which all metrics of an alarm share."""
    queries = [query["MetricStat"] for query in alarm.get("Metrics", []) if "MetricStat" in query]
    [period] = {int(found["Period"]) for found in queries or [alarm]}
    return period


def test_every_row_has_its_alarms_and_every_alarm_its_row() -> None:
    assert {row_of(name).stem for name in ALARMS} == set(ROWS)


@for_each("name", DATABASE)
def test_alarm_on_the_database_tells_its_topic_of_beginning_and_end(name: str) -> None:
    alarm, row = DATABASE[name], row_of(name)
    told = [] if row.part_of else ["AlarmsTopic"]

    assert (alarm.get("AlarmActions", []), alarm.get("OKActions", [])) == (told, told)
    assert alarm.get("ActionsEnabled", False) is bool(told)


@for_each("name", AUTOMATION)
def test_alarm_on_the_automation_goes_straight_to_people(name: str) -> None:
    alarm = AUTOMATION[name]
    # The topic that cannot deliver would not deliver this either.
    other_way = ["AlarmsTopic"] if name.endswith("-delivery-failing-automation-alarms") else []

    assert alarm["AlarmActions"] == alarm["OKActions"] == ["AutomationAlarmsTopic", *other_way]
    assert alarm["ActionsEnabled"] is True


@for_each("name", ALARMS)
def test_description_says_severity_consequence_and_runbook(name: str) -> None:
    text, row = ALARMS[name]["AlarmDescription"], row_of(name)
    severity = text.removeprefix("Severity: ").split(".")[0]

    assert severity in {"critical", "warning"}
    assert severity == (row.severity or severity)
    assert {"Key": "Severity", "Value": severity} in ALARMS[name]["Tags"]
    assert "{" in row.consequence or row.consequence in text
    assert text.endswith(f"Runbook: docs/runbooks/{row.runbook}.md")
    assert len(text) <= 1024
    assert "{" not in text


@for_each("name", WATCHED)
def test_description_says_for_how_long(name: str) -> None:
    alarm = WATCHED[name]
    seconds, periods = period_of(alarm), alarm["EvaluationPeriods"]
    hours, minutes = seconds * periods // 3600, seconds * periods // 60
    words = f"{hours} hour" if hours else f"{minutes} minutes"

    assert words in alarm["AlarmDescription"] or f"{periods} times {seconds} s" in alarm["AlarmDescription"]


@for_each("stem", ROWS)
def test_runbook_of_the_alarms_name_exists(stem: str) -> None:
    assert (ROOT / f"docs/runbooks/{ROWS[stem].runbook}.md").exists()


@for_each("name", WATCHED)
def test_missing_data_are_treated_as_the_table_says(name: str) -> None:
    watch = row_of(name).watch

    assert watch
    assert WATCHED[name]["TreatMissingData"] == watch.missing
    assert len(watch.missing_because) > 20


@for_each("name", WATCHED)
def test_every_metric_is_one_that_is_published_in_its_dimensions(name: str) -> None:
    for metric in metrics(WATCHED[name]):
        given = dimensions(metric)

        assert metric["MetricName"] in METRICS[metric["Namespace"]]
        assert set(given) == DIMENSIONS[metric["Namespace"]]
        assert all(given.values())


def test_every_group_that_schedules_are_in_is_watched() -> None:
    groups = {schedule["GroupName"] for _, schedule in root().made("AWS::Scheduler::Schedule")}

    watched = {
        dimensions(metric)["ScheduleGroup"]
        for metric in chain.from_iterable(map(metrics, WATCHED.values()))
        if metric["Namespace"] == "AWS/Scheduler"
    }

    assert watched == groups


@for_each("name", WATCHED)
def test_alarm_is_within_what_cloudwatch_takes(name: str) -> None:
    alarm = WATCHED[name]
    period = period_of(alarm)

    # PutMetricAlarm: at most 10 metrics, of which one is returned, and 7 days in all.
    assert len(metrics(alarm)) <= 10
    assert period % 60 == 0
    assert period * alarm["EvaluationPeriods"] <= 7 * 86400
    assert 1 <= alarm["DatapointsToAlarm"] <= alarm["EvaluationPeriods"]
    assert [query["ReturnData"] for query in alarm.get("Metrics", [])].count(True) == int("Metrics" in alarm)


def test_replicas_have_the_alarms_of_their_own_instance() -> None:
    for name, alarm in DATABASE.items():
        number = name.rpartition("-")[2]
        instance = f"langpont-prod-replica-{number}" if number.isdigit() else "langpont-prod-db"
        named = {dimensions(metric)["DBInstanceIdentifier"] for metric in metrics(alarm)}

        assert instance in named or "AlarmRule" in alarm, name
        assert named <= {instance, "langpont-prod-db"}


@pytest.mark.parametrize(("replicas", "others"), [(0, {"1", "2"}), (1, {"2"})])
def test_replica_that_is_not_there_has_no_alarms(replicas: int, others: set[str]) -> None:
    assert not [name for name in made(("ReplicaCount", str(replicas))) if name.rpartition("-")[2] in others]


def test_existing_instance_is_watched_under_its_own_name() -> None:
    found = made(*EXISTING)
    named = {dimensions(metric).get("DBInstanceIdentifier") for alarm in found.values() for metric in metrics(alarm)}

    assert named - {None} == {"orders"}
    assert "langpont-prod-automation-function-failing-resolve-engine-version" not in found


def test_credits_are_watched_on_burstable_classes_alone() -> None:
    classes = ("DBInstanceClass", "db.m7g.large"), ("AnalyticsReplicaClass", "db.t4g.large")
    found = made(*TWO_REPLICAS, *classes)

    assert [name for name in found if "cpu-credits-low" in name] == ["langpont-prod-cpu-credits-low-replica-2"]


def test_every_function_and_its_queue_are_watched() -> None:
    watched = set(
        chain.from_iterable(dimensions(metric).values() for alarm in AUTOMATION.values() for metric in metrics(alarm))
    )
    stack = root(ReplicaCount=2)
    functions = {path for path, _ in stack.made("AWS::Lambda::Function")}
    letters = {f"{path.removesuffix('Function')}DeadLetterQueue.QueueName" for path in functions}

    assert functions
    assert functions - watched == set()
    assert letters - watched == set()


def test_failure_of_a_scheduled_function_is_seen_until_its_next_run() -> None:
    seconds = {function.stem: function.period for function in TABLES.functions}

    for stem, period in seconds.items():
        alarm = ALARMS[f"langpont-prod-automation-function-failing-{stem.replace('_', '-')}"]
        assert {query["MetricStat"]["Period"] for query in alarm["Metrics"] if "MetricStat" in query} == {period}
    assert (seconds["create_snapshot"], seconds["expire_snapshots"], seconds["watch_backups"]) == (86400, 86400, 3600)


def test_failures_that_fail_no_run_are_counted_as_failures() -> None:
    for stem, counted in (("push-metrics", FAILURES_METRIC), ("expire-snapshots", "snapshot_expiry_reports_failed")):
        alarm: Made = ALARMS[f"langpont-prod-automation-function-failing-{stem}"]
        names = [metric["MetricName"] for metric in metrics(alarm)]

        assert names == ["Errors", "Throttles", counted]
        assert alarm["Metrics"][0]["Expression"].count("FILL(") == len(names)
