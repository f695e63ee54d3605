"""Tags by which a person keeps a snapshot."""

from datetime import UTC, datetime

import pytest

from rds_operations.domain.retention_tags import reason_to_retain

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)


@pytest.mark.parametrize("tags", [{"hold": "true"}, {"hold": ""}, {"hold": "false"}, {"Hold": "x"}, {" HOLD ": "x"}])
def test_hold_keeps_whatever_its_value(tags: dict[str, str]) -> None:
    assert reason_to_retain(tags, NOW) == "it has the tag hold"


@pytest.mark.parametrize(
    "until",
    [
        "2026-11-23",
        "2026-11-24",
        "20270101",
        "2026-11-23T18:00:01",
        "2026-11-23T18:00:01Z",
        "2026-11-24T03:00:01+09:00",
        "9999-12-31",
        "9999-12-31T23:59:59-12:00",
    ],
)
def test_retain_until_keeps_before_its_time(until: str) -> None:
    assert reason_to_retain({"retain-until": until}, NOW) == f"its tag retain-until is {until}"


@pytest.mark.parametrize(
    "until", ["2026-11-22", "0001-01-01", "0001-01-01T00:00:00+14:00", "2026-11-23T18:00:00Z", "2026-11-23T17:59:59"]
)
def test_retain_until_that_has_passed_keeps_nothing(until: str) -> None:
    assert reason_to_retain({"retain-until": until}, NOW) is None


@pytest.mark.parametrize("until", ["", "next year", "2026-13-01", "23.11.2020", "31/12/2020", "2020"])
def test_retain_until_that_cannot_be_parsed_keeps(until: str) -> None:
    reason = reason_to_retain({"Retain-Until": until}, NOW)

    assert reason is not None
    assert f"retain-until is {until!r}, no ISO 8601 date or time" in reason


def test_later_of_two_spellings_keeps() -> None:
    tags = {"Retain-Until": "2020-01-01", "retain-until": "2030-01-01"}

    assert reason_to_retain(tags, NOW) == "its tag retain-until is 2030-01-01"


def test_other_tags_keep_nothing() -> None:
    assert reason_to_retain({"holder": "me", "reason": "hold"}, NOW) is None
