"""When a listing cannot be believed."""

from datetime import timedelta

import pytest

from rds_operations.domain.listing_sanity import reason_to_refuse
from rds_operations.domain.snapshots import Snapshot
from tests.snapshots import NOW, owned


def minutes_ahead(minutes: float, status: str = "available") -> Snapshot:
    return owned("ahead", age_days=-minutes / 24 / 60, status=status)


def test_no_snapshots_are_no_trouble() -> None:
    assert reason_to_refuse([], NOW) is None


@pytest.mark.parametrize("minutes", [-1, 0, 4.9, 5])
def test_clock_that_is_a_little_behind_is_believed(minutes: float) -> None:
    assert reason_to_refuse([owned("old", age_days=40), minutes_ahead(minutes)], NOW) is None


@pytest.mark.parametrize("status", ["available", "failed"])
def test_clock_earlier_than_the_newest_snapshot_is_not_believed(status: str) -> None:
    reason = reason_to_refuse([minutes_ahead(5.1, status), owned("old", age_days=40)], NOW)

    assert reason == (
        "the clock says 2026-11-23T18:00:00Z, but the newest snapshot was made at 2026-11-23T18:05:06Z: "
        "no age can be believed"
    )


@pytest.mark.parametrize("status", ["failed", "creating", "deleting", "incompatible-restore"])
def test_listing_without_a_good_one_is_not_believed(status: str) -> None:
    listed = [owned("a", age_days=40, status=status), owned("b", age_days=None, status="failed")]

    reason = reason_to_refuse(listed, NOW)

    assert reason == "none of the 2 snapshots of this deployment is an available one, although there are older ones"


def test_available_one_of_unknown_age_is_no_good_one() -> None:
    assert reason_to_refuse([owned("a", age_days=None)], NOW) is not None


def test_one_good_snapshot_is_enough() -> None:
    assert reason_to_refuse([owned("a", status="failed"), owned("b", age_days=400)], NOW) is None


def test_first_snapshot_of_all_may_take_its_time() -> None:
    first = [owned("a", age_days=None, status="creating"), owned("b", age_days=0.1, status="creating")]

    assert reason_to_refuse(first, NOW + timedelta(hours=9)) is None
