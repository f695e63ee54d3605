"""Settings of the functions that make and delete snapshots."""

from datetime import timedelta

import pytest

from rds_operations.domain.console_links import Place
from rds_operations.domain.deployment import Deployment
from rds_operations.domain.errors import ConfigurationError
from rds_operations.domain.snapshot_expiry import ExpiryPolicy
from rds_operations.domain.snapshot_tiers import PeriodCounts
from rds_operations.domain.snapshots import Ownership
from rds_operations.runtime.settings.create_snapshot import CreateSnapshotSettings
from rds_operations.runtime.settings.expire_snapshots import ExpireSnapshotsSettings
from tests.whole_tables import for_each

VALID = {
    "PROJECT_NAME": "langpont",
    "ENVIRONMENT": "staging",
    "DB_INSTANCE_IDENTIFIER": "langpont-staging-db",
    "SNAPSHOT_PREFIX": "langpont-staging-manual",
}
type Kind = type[CreateSnapshotSettings] | type[ExpireSnapshotsSettings]

both = pytest.mark.parametrize("kind", [CreateSnapshotSettings, ExpireSnapshotsSettings])


@both
def test_valid_environment_is_read(kind: Kind) -> None:
    settings = kind.from_env(VALID)

    assert settings.snapshot_prefix == "langpont-staging-manual"
    assert settings.ownership == Ownership("langpont", "staging", "langpont-staging-db")


def test_policy_has_the_contracts_defaults() -> None:
    settings = ExpireSnapshotsSettings.from_env(VALID | {"RETENTION_DAYS": ""})

    assert settings.policy == ExpiryPolicy(
        retention=timedelta(days=30),
        minimum_snapshots=7,
        maximum_deletions=20,
        on_demand_retention=timedelta(days=90),
        periods=PeriodCounts(),
    )


def test_weeks_months_and_years_are_read() -> None:
    counts = {"RETENTION_WEEKLY": "4", "RETENTION_MONTHLY": "12", "RETENTION_YEARLY": "100"}

    policy = ExpireSnapshotsSettings.from_env(VALID | counts | {"ON_DEMAND_RETENTION_DAYS": "7"}).policy

    assert policy.periods == PeriodCounts(weekly=4, monthly=12, yearly=100)
    assert policy.on_demand_retention == timedelta(days=7)


@pytest.mark.parametrize("variables", [VALID, VALID | {"ALERTS_TOPIC_ARN": "", "RUNBOOK_BASE_URL": ""}])
def test_reports_are_switched_off_without_a_topic(variables: dict[str, str]) -> None:
    settings = ExpireSnapshotsSettings.from_env(variables)

    assert (settings.alerts_topic_arn, settings.runbook_base_url, settings.place) == ("", "", None)


def test_reports_tell_where_the_topic_is() -> None:
    topic = "arn:aws:sns:ap-northeast-1:123456789012:langpont-staging-alerts"

    settings = ExpireSnapshotsSettings.from_env(VALID | {"ALERTS_TOPIC_ARN": topic})

    assert settings.place == Place("aws", "ap-northeast-1")
    assert settings.deployment == Deployment("langpont", "staging", "langpont-staging-db")


def test_topic_that_is_none_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"^ALERTS_TOPIC_ARN is 'alerts', allowed: the ARN of an SNS topic"):
        ExpireSnapshotsSettings.from_env(VALID | {"ALERTS_TOPIC_ARN": "alerts"})


@pytest.mark.parametrize(("retention", "most"), [("1", "1"), ("36500", "100")])
def test_policy_is_read_from_its_least_to_its_most(retention: str, most: str) -> None:
    numbers = {"RETENTION_DAYS": retention, "MINIMUM_SNAPSHOTS": most, "MAXIMUM_DELETIONS": most}

    policy = ExpireSnapshotsSettings.from_env(VALID | numbers).policy

    assert policy.retention == timedelta(days=int(retention))
    assert policy.minimum_snapshots == policy.maximum_deletions == int(most)


@both
@pytest.mark.parametrize("name", VALID)
@pytest.mark.parametrize("value", ["", "  ", None])
def test_missing_or_empty_variable_is_named(kind: Kind, name: str, value: str | None) -> None:
    variables = {key: text for key, text in (VALID | {name: value}).items() if text is not None}

    with pytest.raises(ConfigurationError, match=f"^{name} is .*, allowed: "):
        kind.from_env(variables)


@both
@pytest.mark.parametrize("prefix", ["Langpont", "1st", "a--b", "a-", "-a", "a_b", "rds:a", "a\n", "a" * 240])
def test_prefix_that_rds_would_not_take_is_named(kind: Kind, prefix: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^SNAPSHOT_PREFIX is '.*', allowed: 1 to 239 lower-case letters"):
        kind.from_env(VALID | {"SNAPSHOT_PREFIX": prefix})


@for_each(
    ("name", "most"),
    [
        ("RETENTION_DAYS", 36_500),
        ("ON_DEMAND_RETENTION_DAYS", 36_500),
        ("MINIMUM_SNAPSHOTS", 100),
        ("MAXIMUM_DELETIONS", 100),
    ],
)
@for_each("value", ["0", "-1", "1.5", "thirty", "{}", "99999"])
def test_number_out_of_range_is_named(name: str, most: int, value: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{name} is '.*', allowed: a whole number from 1 to {most}$"):
        ExpireSnapshotsSettings.from_env(VALID | {name: value})


@pytest.mark.parametrize("name", ["RETENTION_WEEKLY", "RETENTION_MONTHLY", "RETENTION_YEARLY"])
@pytest.mark.parametrize("value", ["-1", "1.5", "many", "101"])
def test_count_of_periods_out_of_range_is_named(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{name} is '.*', allowed: a whole number from 0 to 100$"):
        ExpireSnapshotsSettings.from_env(VALID | {name: value})


@both
def test_all_wrong_variables_are_named_at_once(kind: Kind) -> None:
    with pytest.raises(ConfigurationError) as caught:
        kind.from_env({})

    assert all(f"{name} is not set" in str(caught.value) for name in VALID)
