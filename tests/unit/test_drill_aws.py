"""A failover is asked for once, and a refusal is told from an answer that did not come."""

from collections.abc import Mapping
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ReadTimeoutError

from local.drill.aws import DrilledDeployment
from local.drill.forced import NothingForcedError
from local.errors import LocalError
from local.redrive.places import Place

INSTANCE = "langpont-staging-db"
PARAMETERS = {"ProjectName": "langpont", "Environment": "staging"}
RESOURCES = ("ProbeDatabaseFunction", "ReactToRdsEventLogGroup")


class FakeAws:
    """Every client of a deployment of one instance, as far as a drill begins and forces a failover."""

    def __init__(self, trouble: Exception | None = None) -> None:
        self._trouble = trouble
        self._config: Config | None = None
        self.forced_by: list[Config | None] = []

    def client(self, _service: str, *, endpoint_url: str | None, config: Config | None) -> "FakeAws":
        assert endpoint_url is None
        made = FakeAws(self._trouble)
        made._config, made.forced_by = config, self.forced_by
        return made

    def describe_stacks(self, **_wanted: str) -> Mapping[str, Any]:
        parameters = [{"ParameterKey": key, "ParameterValue": value} for key, value in PARAMETERS.items()]
        outputs = [{"OutputKey": "DBInstanceIdentifier", "OutputValue": INSTANCE}]
        return {"Stacks": [{"Parameters": parameters, "Outputs": outputs}]}

    def get_paginator(self, _operation: str) -> "FakeAws":
        return self

    def paginate(self, **_wanted: str) -> list[Mapping[str, Any]]:
        rest = {"ResourceStatus": "CREATE_COMPLETE", "ResourceType": "x", "PhysicalResourceId": "y"}
        return [{"StackResourceSummaries": [{"LogicalResourceId": name, **rest} for name in RESOURCES]}]

    def describe_db_instances(self, **_wanted: str) -> Mapping[str, Any]:
        return {"DBInstances": [{"DBInstanceArn": f"arn:aws:rds:ap-northeast-1:123456789012:db:{INSTANCE}"}]}

    def reboot_db_instance(self, **_wanted: object) -> None:
        self.forced_by.append(self._config)
        if self._trouble:
            raise self._trouble


def deployment(aws: FakeAws) -> DrilledDeployment:
    return DrilledDeployment(Place("langpont-staging", aws))  # type: ignore[arg-type]


def test_failover_is_asked_for_by_a_client_that_repeats_nothing() -> None:
    aws = FakeAws()

    deployment(aws).force_failover()

    [config] = aws.forced_by
    assert config is not None
    assert config.retries == {"mode": "standard", "total_max_attempts": 1}  # type: ignore[attr-defined]


def test_refusal_of_rds_says_that_nothing_was_forced() -> None:
    refusal = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "RebootDBInstance")

    with pytest.raises(NothingForcedError, match=r"nothing was forced: RDS refused it: .*AccessDenied"):
        deployment(FakeAws(refusal)).force_failover()


def test_answer_that_does_not_come_is_no_refusal() -> None:
    lost = ReadTimeoutError(endpoint_url="https://rds.example.com")

    with pytest.raises(LocalError, match=f"forcing a failover of {INSTANCE} failed: Read timeout") as error:
        deployment(FakeAws(lost)).force_failover()

    assert not isinstance(error.value, NothingForcedError)
