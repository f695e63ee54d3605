"""Settings of the functions that react to RDS events and alarms."""

import pytest

from rds_operations.domain.errors import ConfigurationError
from rds_operations.runtime.settings.react_to_alarm import ReactToAlarmSettings
from rds_operations.runtime.settings.react_to_rds_event import ReactToRdsEventSettings
from rds_operations.runtime.settings.reactions import ReactionSettings

VALID = {
    "PROJECT_NAME": "langpont",
    "ENVIRONMENT": "prod",
    "DB_INSTANCE_IDENTIFIER": "langpont-prod-db",
    "ALERTS_TOPIC_ARN": "arn:aws:sns:ap-northeast-1:123456789012:langpont-prod-alerts",
}

both = pytest.mark.parametrize("kind", [ReactToRdsEventSettings, ReactToAlarmSettings])


@both
def test_valid_environment_is_read(kind: type[ReactionSettings]) -> None:
    settings = kind.from_env(VALID | {"RUNBOOK_BASE_URL": "https://docs.example.com/runbooks"})

    assert isinstance(settings, kind)
    assert settings.alerts_topic_arn.endswith(":langpont-prod-alerts")
    assert settings.runbook_base_url == "https://docs.example.com/runbooks"


@both
@pytest.mark.parametrize("variables", [VALID, VALID | {"RUNBOOK_BASE_URL": ""}])
def test_runbook_links_are_off_by_default(kind: type[ReactionSettings], variables: dict[str, str]) -> None:
    assert not kind.from_env(variables).runbook_base_url


@pytest.mark.parametrize("kind", [ReactToRdsEventSettings, ReactToAlarmSettings])
@pytest.mark.parametrize("name", ["CHAT_TOPIC_ARN", "PROBE_FUNCTION_NAME"])
def test_chat_and_questions_to_the_database_are_off_by_default(
    kind: type[ReactToRdsEventSettings] | type[ReactToAlarmSettings], name: str
) -> None:
    value = {"CHAT_TOPIC_ARN": "arn:aws:sns:ap-northeast-1:123456789012:chat", "PROBE_FUNCTION_NAME": "probe"}[name]

    assert getattr(kind.from_env(VALID), name.lower()) == ""
    assert getattr(kind.from_env(VALID | {name: value}), name.lower()) == value


@both
@pytest.mark.parametrize("name", VALID)
@pytest.mark.parametrize("value", ["", "  ", None])
def test_missing_or_empty_variable_is_named(kind: type[ReactionSettings], name: str, value: str | None) -> None:
    variables = {key: text for key, text in (VALID | {name: value}).items() if text is not None}

    with pytest.raises(ConfigurationError, match=f"^{name} is .*, allowed: "):
        kind.from_env(variables)


@both
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALERTS_TOPIC_ARN", "langpont-prod-alerts"),
        ("ALERTS_TOPIC_ARN", "arn:aws:sqs:ap-northeast-1:123456789012:alerts"),
        ("CHAT_TOPIC_ARN", "chat"),
        ("PROBE_FUNCTION_NAME", "arn:aws:lambda:r:1:function:probe"),
        ("RUNBOOK_BASE_URL", "docs/runbooks"),
        ("RUNBOOK_BASE_URL", "https://docs.example.com/run books"),
    ],
)
def test_value_that_is_not_allowed_is_named(kind: type[ReactionSettings], name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{name} is '{value}', allowed: "):
        kind.from_env(VALID | {name: value})


@both
def test_all_wrong_variables_are_named_at_once(kind: type[ReactionSettings]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        kind.from_env({})

    assert all(f"{name} is not set" in str(caught.value) for name in VALID)
