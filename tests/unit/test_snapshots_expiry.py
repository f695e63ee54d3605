"""Which snapshots go, rung by rung."""

from dataclasses import replace
from datetime import timedelta

import pytest

from rds_operations.domain.errors import ConfigurationError
from rds_operations.domain.snapshot_expiry import ExpiryAction, ExpiryPolicy
from rds_operations.domain.snapshots import Snapshot
from tests.snapshots import NOW, PREFIX, actions, decided, owned, policy, reason

NEW = owned("new", age_days=1)


def test_snapshot_past_retention_goes() -> None:
    plan = decided(owned("old", age_days=31), NEW)

    assert actions(plan) == {"old": "delete", "new": "keep"}
    assert reason(plan, "old") == (
        "it was made at 2026-10-23T18:00:00Z, more than 30 days ago, and the newest 1 good snapshots stay"
    )


def test_snapshot_of_exactly_its_retention_stays() -> None:
    at_limit, past_limit = owned("at", age_days=30), owned("past", age_days=30 + 1 / 86_400)

    plan = decided(at_limit, past_limit, NEW)

    assert actions(plan) == {"past": "delete", "at": "keep", "new": "keep"}
    assert reason(plan, "at") == "it was made at 2026-10-24T18:00:00Z, not more than 30 days ago"


def test_lone_snapshot_of_this_year_stays() -> None:
    plan = decided(owned("lone", age_days=200))

    assert actions(plan) == {"lone": "keep"}
    assert "newest 1 good" in reason(plan, "lone")


def test_snapshot_from_the_future_stays() -> None:
    plan = decided(owned("ahead", age_days=-1), NEW)

    assert actions(plan)["ahead"] == "keep"


@pytest.mark.parametrize(
    ("foreign", "words"),
    [
        (replace(owned("x", age_days=99), instance_identifier="other-db"), "it is of other-db, not of langpont-dev-db"),
        (replace(owned("x", age_days=99), tags={}), "its tags do not say that langpont-rds made it for langpont dev"),
        (owned("x", age_days=99, environment="prod"), "its tags do not say"),
        (owned("x", age_days=99, project="other"), "its tags do not say"),
    ],
)
def test_foreign_snapshot_stays_however_old(foreign: Snapshot, words: str) -> None:
    plan = decided(foreign, NEW)

    assert actions(plan) == {"x": "keep", "new": "keep"}
    assert words in reason(plan, "x")


@pytest.mark.parametrize("identifier", ["copy-of-it", "langpont-manually", "langpont-manual"])
def test_tagged_snapshot_of_another_name_stays(identifier: str) -> None:
    copy = replace(owned("x", age_days=99), identifier=identifier)

    plan = decided(copy, NEW)

    assert plan.decisions[0].action == "keep"
    assert plan.decisions[0].reason == "its name does not begin with langpont-manual-"


def test_foreign_snapshot_is_no_backup_of_ours() -> None:
    foreign = replace(owned("foreign", age_days=1), tags={})

    plan = decided(owned("old", age_days=99), foreign)

    assert actions(plan)["old"] == "keep"


@pytest.mark.parametrize("status", ["creating", "copying", "deleting", "pending", ""])
def test_unavailable_snapshot_stays_and_does_not_count(status: str) -> None:
    plan = decided(owned("old", age_days=99), owned("bad", age_days=50, status=status))

    assert actions(plan) == {"old": "keep", "bad": "keep"}
    assert f"its status is {status}" in reason(plan, "bad")


def test_snapshot_that_failed_long_ago_goes_after_the_others() -> None:
    plan = decided(owned("failed", age_days=99, status="failed"), owned("old", age_days=40), NEW)

    assert [gone.snapshot.identifier for gone in plan.to(ExpiryAction.DELETE)] == [f"{PREFIX}-old", f"{PREFIX}-failed"]
    assert reason(plan, "failed") == (
        "it has failed and is no backup; it was begun at 2026-08-16T18:00:00Z, more than 7 days ago"
    )


def test_snapshot_that_failed_lately_stays_for_a_week() -> None:
    plan = decided(owned("a", age_days=7, status="failed"), owned("b", age_days=7.01, status="failed"), NEW)

    assert actions(plan) == {"b": "delete", "a": "keep", "new": "keep"}
    assert reason(plan, "a").endswith("it was begun at 2026-11-16T18:00:00Z, not more than 7 days ago")


def test_failed_snapshot_without_creation_time_is_as_old_as_its_maker_noted() -> None:
    noted = owned("noted", age_days=None, status="failed", created_at="2026-11-01T18:00:00Z")

    plan = decided(noted, owned("unknown", age_days=None, status="failed"), NEW)

    assert actions(plan) == {"new": "keep", "noted": "delete", "unknown": "keep"}
    assert reason(plan, "unknown").endswith("nothing tells when it was begun")


def test_held_snapshot_stays_though_it_failed() -> None:
    plan = decided(owned("failed", age_days=99, status="failed", hold="x"), NEW)

    assert reason(plan, "failed") == "it has the tag hold"


def test_failed_snapshot_waits_where_the_others_are_as_many_as_may_go() -> None:
    plan = decided(owned("failed", age_days=99, status="failed"), owned("old", age_days=40), NEW, by=policy(maximum=1))

    assert actions(plan) == {"failed": "defer", "old": "delete", "new": "keep"}
    assert reason(plan, "failed").endswith("more than 7 days ago, but one run deletes 1 at most: left to the next")


def test_failed_snapshot_protects_nothing() -> None:
    plan = decided(owned("old", age_days=99), owned("failed", age_days=1, status="failed"))

    assert actions(plan) == {"old": "keep", "failed": "keep"}


def test_snapshot_on_demand_has_its_own_retention() -> None:
    asked = [owned(f"asked{age}", age_days=age, tier="on-demand", reason="pre-deploy") for age in (89, 91)]

    plan = decided(*asked, owned("daily", age_days=31), NEW)

    assert actions(plan) == {"asked91": "delete", "asked89": "keep", "daily": "delete", "new": "keep"}
    assert reason(plan, "asked89") == "it was made on demand at 2026-08-26T18:00:00Z, not more than 90 days ago"


def test_snapshot_on_demand_counts_as_a_backup() -> None:
    plan = decided(owned("daily", age_days=99), owned("asked", age_days=98, tier="on-demand"))

    assert actions(plan) == {"daily": "delete", "asked": "keep"}


def test_listing_that_looks_wrong_keeps_everything() -> None:
    plan = decided(owned("old", age_days=99), owned("older", age_days=199), now=NOW - timedelta(days=100))

    assert actions(plan) == {"older": "keep", "old": "keep"}
    assert reason(plan, "older") == f"nothing is deleted in this run: {plan.refusal}"
    assert plan.to(ExpiryAction.DELETE) == ()


def test_snapshot_without_creation_time_stays_and_does_not_count() -> None:
    plan = decided(owned("old", age_days=99), owned("ageless", age_days=None))

    assert actions(plan) == {"old": "keep", "ageless": "keep"}
    assert "its age is not known" in reason(plan, "ageless")


def test_held_snapshot_stays_and_counts() -> None:
    plan = decided(owned("old", age_days=99), owned("held", age_days=98, hold="legal"))

    assert actions(plan) == {"old": "delete", "held": "keep"}


def test_retain_until_outlasts_retention() -> None:
    plan = decided(owned("kept", age_days=99, retain_until="2027-01-01"), NEW)

    assert reason(plan, "kept") == "its tag retain-until is 2027-01-01"


def test_retain_until_in_the_past_does_not_shorten_retention() -> None:
    plan = decided(owned("young", age_days=2, retain_until="2026-11-22"), NEW)

    assert actions(plan)["young"] == "keep"


def test_minimum_of_newest_good_ones_stays() -> None:
    old = [owned(f"old{age}", age_days=age) for age in (40, 50, 60)]

    plan = decided(*old, by=policy(minimum=2))

    assert actions(plan) == {"old60": "delete", "old50": "keep", "old40": "keep"}


def test_oldest_go_first_and_the_rest_waits() -> None:
    old = [owned(f"old{age}", age_days=age) for age in (50, 70, 60)]

    plan = decided(*old, NEW, by=policy(maximum=2))

    assert actions(plan) == {"old70": "delete", "old60": "delete", "old50": "defer", "new": "keep"}
    assert "one run deletes 2 at most" in reason(plan, "old50")


def test_snapshot_listed_twice_counts_once() -> None:
    plan = decided(owned("a", age_days=40), owned("b", age_days=50), owned("a", age_days=40), by=policy(minimum=2))

    assert actions(plan) == {"a": "keep", "b": "keep"}


@pytest.mark.parametrize(("days", "minimum", "maximum"), [(0, 1, 1), (-1, 1, 1), (30, 0, 1), (30, 1, 0), (30, -1, 1)])
def test_policy_that_could_delete_everything_is_refused(days: int, minimum: int, maximum: int) -> None:
    with pytest.raises(ConfigurationError, match="is no policy"):
        ExpiryPolicy(retention=timedelta(days=days), minimum_snapshots=minimum, maximum_deletions=maximum)


@pytest.mark.parametrize("days", [0, -1])
def test_policy_that_keeps_nothing_made_on_demand_is_refused(days: int) -> None:
    with pytest.raises(ConfigurationError, match="is no policy"):
        policy(on_demand_days=days)


def test_no_snapshots_need_no_decisions() -> None:
    assert decided().decisions == ()
