"""The longest that a custom resource can take leaves time to answer CloudFormation (timeouts: stacks/*.yaml)."""

from typing import Any

import pytest

from rds_operations.adapters import cloudformation_response
from rds_operations.adapters.functions import READ_TIMEOUT_SECONDS, lambda_client
from rds_operations.adapters.rds_client import rds_client
from rds_operations.adapters.security_groups import ec2_client
from rds_operations.runtime.custom_resources import ANSWER_TAKES
from tests.integration.test_time_limits import longest_call_seconds
from tests.templates import functions, resources

STEMS = ("ResolveEngineVersion", "LockDefaultSecurityGroup", "RequestDatabaseSetup")
RESOURCES = ("Custom::EngineVersion", "Custom::DefaultSecurityGroupLock", "Custom::DatabaseSetup")
BEFORE_A_REPEAT_SECONDS = 60
"""Lambda repeats a failed invocation after a minute (Lambda Developer Guide, "Asynchronous invocation")."""


@pytest.fixture(autouse=True)
def region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-northeast-1")


def timeout_of(stem: str) -> int:
    (timeout,) = [properties["Timeout"] for _, name, properties in functions() if name == f"{stem}Function"]
    return int(timeout)


def test_answer_ends_in_the_time_that_is_kept_for_it() -> None:
    pauses = [pause.total_seconds() for pause in cloudformation_response.PAUSES]

    longest = (len(pauses) + 1) * 2 * cloudformation_response.TIMEOUT_SECONDS + sum(pauses)

    assert longest < ANSWER_TAKES.total_seconds()


def test_look_at_the_instance_ends_before_the_answer_is_due() -> None:
    assert longest_call_seconds(rds_client()) + ANSWER_TAKES.total_seconds() < timeout_of("ResolveEngineVersion")


def test_look_at_the_rules_and_their_revocation_end_before_the_answer_is_due() -> None:
    longest = 2 * longest_call_seconds(ec2_client())

    assert longest + ANSWER_TAKES.total_seconds() < timeout_of("LockDefaultSecurityGroup")


def test_set_up_is_waited_for_until_its_own_end() -> None:
    assert timeout_of("SetUpDatabase") < READ_TIMEOUT_SECONDS
    assert timeout_of("SetUpDatabase") + ANSWER_TAKES.total_seconds() <= timeout_of("RequestDatabaseSetup")


def test_set_up_is_never_started_a_second_time_by_the_client() -> None:
    config: Any = lambda_client().meta.config

    assert config.retries == {"mode": "standard", "total_max_attempts": 1}
    assert config.read_timeout == READ_TIMEOUT_SECONDS


@pytest.mark.parametrize(("stem", "resource_type"), list(zip(STEMS, RESOURCES, strict=True)))
def test_cloudformation_waits_for_a_repeat_and_not_for_an_hour(stem: str, resource_type: str) -> None:
    stacks = {stack for stack, name, _ in functions() if name == f"{stem}Function"}
    (resource,) = [found for stack in stacks for found in resources(stack, resource_type).values()]

    waits = int(resource["Properties"]["ServiceTimeout"])
    assert 2 * timeout_of(stem) + BEFORE_A_REPEAT_SECONDS <= waits < 3600
