"""Of everything that failed, the one thing that everything else followed from is named."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from deployment.events import StackEvent, first_failure

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def _event(second: int, logical_id: str, status: str, reason: str = "") -> StackEvent:
    at = NOON + timedelta(seconds=second)
    return StackEvent(f"event-{second}", at, "stack", logical_id, f"{logical_id}-id", "AWS::SNS::Topic", status, reason)


EVENTS = [
    _event(
        5, "langpont-rds-dev", "ROLLBACK_IN_PROGRESS", "The following resource(s) failed to create: [DatabaseStack]"
    ),
    _event(4, "DatabaseStack", "CREATE_FAILED", "Embedded stack arn:… was not successfully created: SubnetGroup"),
    _event(1, "Key", "CREATE_FAILED", "Resource creation cancelled"),
    _event(2, "PrimaryInstance", "CREATE_FAILED", "The parameter MasterUsername is not valid"),
    _event(0, "Topic", "CREATE_COMPLETE"),
]


def test_cause_is_named_not_its_consequences() -> None:
    failure = first_failure(EVENTS)

    assert failure is not None
    assert failure.logical_id == "PrimaryInstance"


def test_where_only_consequences_are_left_the_first_of_them_is_named() -> None:
    failure = first_failure([EVENTS[1], EVENTS[2]])

    assert failure is not None
    assert failure.logical_id == "Key"


def test_where_nothing_failed_nothing_is_named() -> None:
    assert first_failure([EVENTS[0], EVENTS[4]]) is None


@given(st.permutations(EVENTS))
def test_order_of_reading_makes_no_difference(events: list[StackEvent]) -> None:
    assert first_failure(events) == EVENTS[3]


def test_event_is_told_in_a_line() -> None:
    assert str(EVENTS[3]) == "CREATE_FAILED                PrimaryInstance: The parameter MasterUsername is not valid"
