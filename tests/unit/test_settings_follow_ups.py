"""Settings of second looks at failovers, and of the probe."""

from datetime import timedelta

import pytest

from rds_operations.domain.errors import ConfigurationError
from rds_operations.domain.follow_ups import FollowUpPlan
from rds_operations.runtime.settings.react_to_rds_event import ReactToRdsEventSettings
from tests.unit.test_settings_reactions import VALID

FOLLOW_UPS = {
    "PROBE_FUNCTION_NAME": "langpont-prod-probe",
    "FOLLOW_UP_GROUP": "langpont-ScheduleGroup-1",
    "FOLLOW_UP_ROLE_ARN": "arn:aws:iam::123456789012:role/follow-up",
    "FOLLOW_UP_QUEUE_ARN": "arn:aws:sqs:ap-northeast-1:123456789012:letters",
    "FOLLOW_UP_SECONDS": "300",
    "COMPLETION_SECONDS": "900",
}


def test_probe_and_second_looks_are_off_by_default() -> None:
    settings = ReactToRdsEventSettings.from_env(VALID)

    assert (settings.probe_function_name, settings.follow_up_group, settings.follow_up_role_arn) == ("", "", "")
    assert settings.plan == FollowUpPlan(zones_after=timedelta(minutes=10), completion_within=timedelta(minutes=10))


def test_second_looks_are_read() -> None:
    settings = ReactToRdsEventSettings.from_env(VALID | FOLLOW_UPS)

    assert settings.probe_function_name == "langpont-prod-probe"
    assert settings.plan == FollowUpPlan(zones_after=timedelta(minutes=5), completion_within=timedelta(minutes=15))


@pytest.mark.parametrize("name", ["FOLLOW_UP_ROLE_ARN", "FOLLOW_UP_QUEUE_ARN"])
def test_group_needs_a_role_and_a_queue(name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{name} is '', allowed: the ARN of a "):
        ReactToRdsEventSettings.from_env(VALID | FOLLOW_UPS | {name: ""})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PROBE_FUNCTION_NAME", "arn:aws:lambda:x"),
        ("FOLLOW_UP_GROUP", "our group"),
        ("FOLLOW_UP_ROLE_ARN", "follow-up"),
        ("FOLLOW_UP_QUEUE_ARN", "https://sqs/letters"),
        ("FOLLOW_UP_SECONDS", "9"),
        ("COMPLETION_SECONDS", "3601"),
        ("COMPLETION_SECONDS", "ten"),
    ],
)
def test_value_that_is_not_allowed_is_named(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{name} is '{value}', allowed: "):
        ReactToRdsEventSettings.from_env(VALID | FOLLOW_UPS | {name: value})
