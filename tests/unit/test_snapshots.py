"""How snapshots are named and tagged."""

import string
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rds_operations.domain.snapshots import Snapshot, SnapshotRequest, Tier, creation_tags, snapshot_identifier
from rds_operations.domain.tags import MAXIMUM_TAGS, is_tag_value
from tests.snapshots import NOW, OWNERSHIP, PREFIX, owned

REQUEST = SnapshotRequest(NOW, "pre-deploy")
OWN_TAGS = {
    "managed-by": "langpont-rds",
    "project": "langpont",
    "environment": "dev",
    "source-instance": "langpont-dev-db",
    "stack": "langpont-dev",
    "kit-version": "0.1.0",
    "tier": "scheduled",
    "created-at": "2026-11-23T18:00:00Z",
    "reason": "pre-deploy",
}


def test_identifier_is_prefix_and_utc_time() -> None:
    identifier = snapshot_identifier("langpont-manual", datetime(2026, 1, 2, 3, 4, 5, 999_999, tzinfo=UTC))

    assert identifier == "langpont-manual-20260102-030405"


def test_identifier_of_tokyo_time_is_in_utc() -> None:
    tokyo = timezone(timedelta(hours=9))

    identifier = snapshot_identifier("langpont-manual", datetime(2026, 1, 1, 8, 0, tzinfo=tokyo))

    assert identifier == "langpont-manual-20251231-230000"


def test_new_snapshot_says_whose_when_and_why() -> None:
    assert creation_tags(OWNERSHIP, REQUEST, {}) == OWN_TAGS


def test_new_snapshot_names_the_resource_that_survives_a_rename() -> None:
    tags = creation_tags(OWNERSHIP, REQUEST, {"source-resource-id": "db-OLD"}, "db-ABC")

    assert tags == OWN_TAGS | {"source-resource-id": "db-ABC"}


@pytest.mark.parametrize("tier", Tier)
def test_new_snapshot_is_of_the_tier_that_was_asked_for(tier: Tier) -> None:
    tags = creation_tags(OWNERSHIP, SnapshotRequest(NOW, "x", tier), {"Tier": "gold"})

    assert tags["tier"] == tier.value
    assert replace(owned("a"), tags=tags).tier is tier
    assert "Tier" not in tags


@pytest.mark.parametrize("snapshot", [owned("a"), *(owned("a", tier=tier) for tier in ("", "gold", "On-Demand"))])
def test_snapshot_of_unknown_tier_counts_as_the_schedules(snapshot: Snapshot) -> None:
    assert snapshot.tier is Tier.SCHEDULED


def test_snapshot_without_creation_time_was_begun_when_its_tag_says() -> None:
    noted = owned("a", age_days=None, created_at="2026-11-01T18:00:00Z")

    assert noted.begun_at == datetime(2026, 11, 1, 18, tzinfo=UTC)
    assert owned("a", age_days=None, created_at="yesterday").begun_at is None
    assert owned("a", age_days=None).begun_at is None
    assert owned("a", age_days=2, created_at="2026-11-01").begun_at == NOW - timedelta(days=2)


def test_snapshot_asked_for_again_a_day_late_was_begun_now() -> None:
    late = SnapshotRequest(NOW - timedelta(days=1), "scheduled", asked_at=NOW)

    tags = creation_tags(OWNERSHIP, late, {})

    assert snapshot_identifier(PREFIX, late.requested_at).endswith(f"{NOW - timedelta(days=1):%Y%m%d-%H%M%S}")
    assert replace(owned("a", age_days=None), tags=tags).begun_at == NOW


def test_new_snapshot_is_owned_by_its_maker() -> None:
    snapshot = replace(owned("a"), tags=creation_tags(OWNERSHIP, REQUEST, {}))

    assert snapshot.is_owned_by(OWNERSHIP)


@pytest.mark.parametrize("key", OWNERSHIP.tags())
def test_snapshot_lacking_one_ownership_tag_is_foreign(key: str) -> None:
    snapshot = owned("a")

    tags = {name: value for name, value in snapshot.tags.items() if name != key}

    assert not replace(snapshot, tags=tags).is_owned_by(OWNERSHIP)


def test_instance_tags_are_carried_over() -> None:
    tags = creation_tags(OWNERSHIP, REQUEST, {"CostCenter": "42", "Owner": "platform"})

    assert tags == OWN_TAGS | {"CostCenter": "42", "Owner": "platform"}


@pytest.mark.parametrize("key", ["aws:cloudformation:stack-name", "AWS:x", "rds:x"])
def test_reserved_instance_tags_are_left_out(key: str) -> None:
    assert creation_tags(OWNERSHIP, REQUEST, {key: "x"}) == OWN_TAGS


@pytest.mark.parametrize("key", ["environment", "Environment", "MANAGED-BY"])
def test_instance_tag_never_disputes_ownership(key: str) -> None:
    assert creation_tags(OWNERSHIP, REQUEST, {key: "other"}) == OWN_TAGS


@given(st.dictionaries(st.text(string.ascii_letters + ":-", min_size=1), st.text(), max_size=80))
def test_tags_never_exceed_fifty_nor_lose_ownership(instance_tags: dict[str, str]) -> None:
    tags = creation_tags(OWNERSHIP, REQUEST, instance_tags)

    assert len(tags) <= MAXIMUM_TAGS
    assert tags.items() >= OWN_TAGS.items()
    assert not any(key.lower().startswith(("aws:", "rds:")) for key in tags)


def test_tags_are_cut_in_the_order_of_keys() -> None:
    instance_tags = {f"k{number:02}": "x" for number in reversed(range(60))}

    tags = creation_tags(OWNERSHIP, REQUEST, instance_tags)

    assert [key for key in tags if key[1:].isdigit()] == [f"k{number:02}" for number in range(41)]


@pytest.mark.parametrize("text", ["pre-deploy", "リリース前", "v1.2 by a@b.example: x/y=z+1", "é" * 256])
def test_tag_value_takes_letters_digits_and_some_signs(text: str) -> None:
    assert is_tag_value(text)


@pytest.mark.parametrize("text", ["", "  ", "a" * 257, "aws:x", "RDS:x", "a;b", "tab\there", "<b>", "😀"])
def test_tag_value_refuses_what_rds_refuses(text: str) -> None:
    assert not is_tag_value(text)


def test_retention_tags_of_the_instance_are_not_inherited() -> None:
    tags = creation_tags(OWNERSHIP, REQUEST, {"hold": "true", "Retain-Until": "2030-01-01", "CostCenter": "42"})

    assert tags == {**OWN_TAGS, "CostCenter": "42"}
