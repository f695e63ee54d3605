"""A deployment as a pooler's configuration reads it: its stack's parameters and outputs, and two secrets."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from local.redrive.places import Place

if TYPE_CHECKING:
    import boto3

OUTPUTS = {
    "PrimaryEndpoint": "langpont-dev-db.c0ffee.ap-northeast-1.rds.amazonaws.com",
    "PrimaryPort": "5432",
    "ReplicaEndpoint": "langpont-dev-replica-1.c0ffee.ap-northeast-1.rds.amazonaws.com",
    "ReplicaPort": "5432",
    "AppRoleSecretArn": "arn:app",
    "ReadonlyRoleSecretArn": "arn:readonly",
}
PARAMETERS = {"DBName": "langpont", "MaxConnections": "300", "DatabaseHostAddress": "", "DatabaseCaBundle": ""}


@dataclass(frozen=True, slots=True)
class FakePooledDeployment:
    """Answers the two calls."""

    outputs: Mapping[str, str] = field(default_factory=lambda: OUTPUTS)
    parameters: Mapping[str, str] = field(default_factory=lambda: PARAMETERS)

    @property
    def place(self) -> Place:
        """Return it as a place."""
        return Place("langpont-rds-dev", cast("boto3.Session", self))

    def client(self, service: str, **_: object) -> Any:
        """Return itself, whatever the service."""
        return self

    def describe_stacks(self, **_: object) -> dict[str, Any]:
        """Return the stack."""
        parameters = [{"ParameterKey": name, "ParameterValue": value} for name, value in self.parameters.items()]
        outputs = [{"OutputKey": name, "OutputValue": value} for name, value in self.outputs.items()]
        return {"Stacks": [{"Parameters": parameters, "Outputs": outputs}]}

    def get_secret_value(self, **wanted: str) -> dict[str, str]:
        """Return a login whose password is its role's name, backwards."""
        role = {"arn:app": "langpont_app", "arn:readonly": "langpont_readonly"}[wanted["SecretId"]]
        return {"SecretString": json.dumps({"username": role, "password": role[::-1]})}
