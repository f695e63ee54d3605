"""Settings of the function that looks at the backups."""

from datetime import timedelta

import pytest

from rds_operations.domain.errors import ConfigurationError
from rds_operations.domain.snapshots import Ownership
from rds_operations.runtime.settings.watch_backups import WatchBackupsSettings

TOPIC = "arn:aws:sns:ap-northeast-1:000000000000:alerts"
VALID = {
    "PROJECT_NAME": "langpont",
    "ENVIRONMENT": "staging",
    "DB_INSTANCE_IDENTIFIER": "langpont-staging-db",
    "ALERTS_TOPIC_ARN": TOPIC,
    "SNAPSHOT_PREFIX": "langpont-staging-manual",
}


def test_valid_environment_is_read() -> None:
    settings = WatchBackupsSettings.from_env(
        VALID
        | {"SNAPSHOT_INTERVAL_HOURS": "12", "MANUAL_SNAPSHOT_QUOTA": "250", "RUNBOOK_BASE_URL": "https://r.example"}
    )

    assert settings.plan.ownership == Ownership("langpont", "staging", "langpont-staging-db")
    assert settings.plan.prefix == "langpont-staging-manual"
    assert settings.plan.interval == timedelta(hours=12)
    assert settings.plan.manual_snapshot_quota == 250
    assert (settings.alerts_topic_arn, settings.runbook_base_url) == (TOPIC, "https://r.example")


def test_optional_settings_have_defaults() -> None:
    settings = WatchBackupsSettings.from_env(VALID)

    assert settings.plan.interval == timedelta(hours=24)
    assert settings.plan.manual_snapshot_quota == 100
    assert settings.runbook_base_url == ""


@pytest.mark.parametrize("name", VALID)
@pytest.mark.parametrize("value", ["", "  ", None])
def test_missing_or_empty_variable_is_named(name: str, value: str | None) -> None:
    variables = {key: text for key, text in (VALID | {name: value}).items() if text is not None}

    with pytest.raises(ConfigurationError, match=f"^{name} is .*, allowed: "):
        WatchBackupsSettings.from_env(variables)


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("SNAPSHOT_INTERVAL_HOURS", "0", "a whole number from 1 to 744"),
        ("SNAPSHOT_INTERVAL_HOURS", "745", "a whole number from 1 to 744"),
        ("SNAPSHOT_INTERVAL_HOURS", "daily", "a whole number from 1 to 744"),
        ("MANUAL_SNAPSHOT_QUOTA", "0", "a whole number from 1 to 100000"),
        ("MANUAL_SNAPSHOT_QUOTA", "100001", "a whole number from 1 to 100000"),
        ("RUNBOOK_BASE_URL", "ftp://x", "an http or https address, or nothing"),
    ],
)
def test_wrong_value_is_named(name: str, value: str, allowed: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{name} is '{value}', allowed: {allowed}$"):
        WatchBackupsSettings.from_env(VALID | {name: value})


def test_all_wrong_variables_are_named_at_once() -> None:
    with pytest.raises(ConfigurationError) as caught:
        WatchBackupsSettings.from_env({})

    assert all(f"{name} is not set" in str(caught.value) for name in VALID)
