"""Why RDS failed over, in its own words."""

from datetime import UTC, datetime, timedelta

import pytest

from rds_operations.domain.failover_reasons import FailoverReasons
from rds_operations.domain.instances import HistoryEntry

AT = datetime(2026, 11, 23, 18, 0, 43, 292000, tzinfo=UTC)
COMPLETED = "Multi-AZ instance failover completed"
# RDS User Guide, "Failing over a Multi-AZ DB instance".
DOCUMENTED = {
    "The operating system for the RDS database instance is being patched in an offline operation.": "was patched",
    "The primary host of the RDS Multi-AZ instance is unhealthy.": "host was unhealthy",
    "The primary host of the RDS Multi-AZ instance is unreachable due to loss of network connectivity.": "reached",
    "The RDS instance was modified by customer.": "instance was modified",
    "The RDS Multi-AZ primary instance is busy and unresponsive.": "too busy to answer",
    "The storage volume underlying the primary host of the RDS Multi-AZ instance experienced a failure.": "storage",
    "The user requested a failover of the DB instance.": "somebody asked for it",
}


def told(message: str, *categories: str, after: timedelta = timedelta(0)) -> FailoverReasons:
    history = (HistoryEntry(AT, ("failover",), COMPLETED), HistoryEntry(AT + after, categories, message))
    return FailoverReasons.told_at(AT, COMPLETED, history)


@pytest.mark.parametrize(("message", "cause"), DOCUMENTED.items())
def test_documented_reason_is_told_with_rds_own_words(message: str, cause: str) -> None:
    root_cause = told(message, "failover").root_cause

    assert root_cause
    assert cause in root_cause.partition(" (RDS: ")[0]
    assert root_cause.endswith(f'(RDS: "{message}")')


def test_known_reason_counts_under_any_category() -> None:
    assert told("The primary host of the RDS Multi-AZ instance is unhealthy.", "notification").root_cause


def test_unknown_text_is_shown_and_no_cause_is_guessed() -> None:
    reasons = told("Something new happened.", "failover")

    assert (reasons.messages, reasons.root_cause) == (("Something new happened.",), None)


@pytest.mark.parametrize(
    ("message", "category", "after"),
    [
        ("DB instance restarted", "availability", timedelta(0)),
        ("The user requested a failover of the DB instance.", "failover", timedelta(seconds=30)),
        (COMPLETED, "failover", timedelta(0)),
    ],
)
def test_what_belongs_to_something_else_is_no_reason(message: str, category: str, after: timedelta) -> None:
    assert told(message, category, after=after) == FailoverReasons()
