"""What an alarm watched can be asked for again: of a composite one, what its alarms did."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rds_operations.domain.alarm_children import MOST_CHILDREN, children_of, watched_by
from rds_operations.domain.alarms import AlarmNotification, AlarmTrigger
from rds_operations.domain.watched_series import WatchedSeries
from rds_operations.runtime.events.sns_records import parse_sns_records
from tests.samples import sample

ARN = "arn:aws:cloudwatch:ap-northeast-1:123456789012:alarm:"


def watched(name: str) -> WatchedSeries | None:
    [record] = parse_sns_records(sample("react_to_alarm", name))
    assert isinstance(record, AlarmNotification)
    return watched_by(record.trigger) if record.trigger else None


@pytest.mark.parametrize(
    ("rule", "names"),
    [
        ('ALARM("a") AND NOT (ALARM("b") OR OK("c"))', ("a", "b")),
        (f'ALARM("{ARN}a:b") OR ALARM({ARN}c)', ("a:b", "c")),
        ("ALARM(a) OR ALARM( 'b c' ) OR ALARM(a)", ("a", "b c")),
        ("TRUE", ()),
        ("", ()),
    ],
)
def test_alarms_of_a_rule_are_those_that_it_asks_whether_they_are_on(rule: str, names: tuple[str, ...]) -> None:
    assert children_of(rule) == names


@given(st.text())
def test_no_rule_fails_an_alert(rule: str) -> None:
    assert len(children_of(rule)) <= MOST_CHILDREN


def test_alarms_own_metric_is_asked_as_the_api_words_it() -> None:
    found = watched("metric_ok")

    assert found is not None
    metric = found.returned.metric
    assert metric is not None
    assert (metric.namespace, metric.name, metric.statistic, metric.period_seconds) == (
        *("AWS/RDS", "CPUUtilization"),
        *("Average", 300),
    )


def test_expression_is_asked_for_with_all_that_it_is_made_of() -> None:
    found = watched("metric_math")

    assert found is not None
    assert [(term.name, term.expression, term.is_returned) for term in found.terms] == [
        ("e1", "100*(connections/300)", True),
        ("connections", "", False),
    ]
    assert found.returned.name == "e1"


def test_anomaly_alarm_watches_its_metric_and_not_its_band() -> None:
    found = watched("anomaly")

    assert found is not None
    assert [(term.name, bool(term.metric)) for term in found.terms] == [("m1", True)]


@pytest.mark.parametrize("name", ["composite", "other_account", "trigger_with_wrong_types"])
def test_what_cannot_be_asked_for_again_is_not(name: str) -> None:
    assert watched(name) is None


@pytest.mark.parametrize(
    ("comparison", "worst"),
    [
        ("GreaterThanThreshold", 90.0),
        ("LessThanOrEqualToThreshold", 5.0),
        ("GreaterThanUpperThreshold", 90.0),
        ("LessThanLowerOrGreaterThanUpperThreshold", 90.0),
    ],
)
def test_worst_value_is_the_one_furthest_out(comparison: str, worst: float) -> None:
    assert AlarmTrigger("x", comparison=comparison).worst([40.0, 5.0, 45.0, 90.0]) == worst
    assert AlarmTrigger("x", comparison=comparison).worst([]) is None
