"""The sample rows make every metric interesting at any hour, and the same moment makes the same rows."""

from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from local.postgres.sample_rows import SAMPLE_TABLES, SPAN, Row, SampleTable
from tests.whole_tables import for_each

NOW = datetime(2026, 11, 23, 18, 30, tzinfo=UTC)
TABLES = {table.name[1]: table for table in SAMPLE_TABLES}


@cache
def _rows(table: str, now: datetime = NOW) -> list[dict[str, object]]:
    return [dict(zip(TABLES[table].columns, row, strict=True)) for row in TABLES[table].rows(now)]


def _moment(row: Row) -> datetime:
    return next(value for value in row if isinstance(value, datetime))


def test_some_thirty_thousand_rows_are_made() -> None:
    assert 25_000 <= sum(len(list(table.rows(NOW))) for table in SAMPLE_TABLES) <= 35_000


@pytest.mark.parametrize("table", SAMPLE_TABLES, ids=TABLES)
def test_rows_lie_in_the_last_48_hours_in_order(table: SampleTable) -> None:
    moments = [_moment(row) for row in table.rows(NOW)]

    assert moments == sorted(moments)
    assert moments[0] >= NOW - SPAN
    assert moments[-1] <= NOW


def test_the_same_moment_makes_the_same_rows() -> None:
    table = TABLES["translation_history"]

    assert list(table.rows(NOW)) == list(table.rows(NOW))


def test_several_hundred_users_were_active_within_a_day() -> None:
    day_ago = NOW - timedelta(hours=24)
    recent = [row for row in _rows("analytics_events") if _is_after(row["timestamp"], day_ago)]

    assert 300 <= len({row["user_id"] for row in recent if row["user_id"] is not None}) <= 500


@for_each("hour", range(24))
def test_every_hour_of_the_day_has_translations_and_an_error(hour: int) -> None:
    now = NOW.replace(hour=hour)
    hour_ago = now - timedelta(hours=1)

    translations = [row for row in _rows("translation_history", now) if _is_after(row["created_at"], hour_ago)]
    analyses = [row for row in _rows("analysis_activity_log", now) if _is_after(row["created_at"], hour_ago)]

    assert any(row["processing_time"] is not None for row in translations)
    assert any(row["error_occurred"] for row in analyses)


def test_errors_are_two_to_three_per_cent() -> None:
    analyses = _rows("analysis_activity_log")

    share = sum(row["error_occurred"] is True for row in analyses) / len(analyses)

    assert 0.02 <= share <= 0.03


def test_translations_hold_japanese_and_some_are_slow() -> None:
    translations = _rows("translation_history")

    assert any("お世話" in str(row["source_text"]) for row in translations)
    assert 50 <= sum(_seconds(row["processing_time"]) >= 8 for row in translations) <= 400


def _is_after(moment: object, bound: datetime) -> bool:
    return isinstance(moment, datetime) and moment > bound


def _seconds(value: object) -> float:
    return value if isinstance(value, float) else 0.0
