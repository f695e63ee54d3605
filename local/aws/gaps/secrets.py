"""`Ref` of a secret is its ARN on AWS and its name in the emulator; policies and environments need the ARN."""

from typing import Any

from ministack.services import secretsmanager
from ministack.services.cloudformation import provisioners

TYPE = "AWS::SecretsManager::Secret"


def install() -> None:
    """Give the ARN as the physical identifier, and understand it on update and deletion."""
    handlers = provisioners._RESOURCE_HANDLERS[TYPE]
    create, update, delete = handlers["create"], handlers["update"], handlers["delete"]

    def create_by_arn(logical_id: str, properties: dict[str, Any], stack: str) -> tuple[str, dict[str, Any]]:
        _, attributes = create(logical_id, properties, stack)
        return attributes["Arn"], attributes

    def update_by_arn(
        arn: str, old: dict[str, Any], new: dict[str, Any], stack: str, *rest: Any
    ) -> tuple[str, dict[str, Any]]:
        _, attributes = update(_name(arn), old, new, stack, *rest)
        return attributes.get("Arn", arn), attributes

    def delete_by_arn(arn: str, properties: dict[str, Any]) -> None:
        delete(_name(arn), properties)

    handlers.update(create=create_by_arn, update=update_by_arn, delete=delete_by_arn)


def _name(arn: str) -> str:
    return next((name for name, secret in secretsmanager._secrets.items() if secret["ARN"] == arn), arn)
