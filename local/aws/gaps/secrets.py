"""`Ref` of a secret is its ARN, which policies and environments need, and a template's password is made as asked for.

The emulator gives the name instead, and of GenerateSecretString it heeds length and ExcludeCharacters only. On AWS the
password comes from GetRandomPassword (CloudFormation's page of GenerateSecretString asks for the right to call that).
"""

import json
from collections.abc import Mapping
from typing import Any

from ministack.services import secretsmanager
from ministack.services.cloudformation import provisioners

TYPE = "AWS::SecretsManager::Secret"
_GENERATED = "GenerateSecretString"
_TEMPLATE, _KEY = "SecretStringTemplate", "GenerateStringKey"


def install() -> None:
    """Give the ARN as the physical identifier, understand it on update and deletion, and generate as AWS does."""
    _install_generation()
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


def generate(wanted: Mapping[str, Any]) -> str:
    """Return what a secret holds that a template has generated: a password, or the template's JSON with one in it.

    Args:
        wanted: The property GenerateSecretString.

    Raises:
        ValueError: no password can be like that, or the template is no JSON object.
    """
    asked = {name: _typed(name, value) for name, value in wanted.items() if name not in {_TEMPLATE, _KEY}}
    status, _, body = secretsmanager._get_random_password(asked)
    answer = json.loads(body)
    if status >= 400:  # noqa: PLR2004  HTTP's errors
        raise ValueError(f"{_GENERATED}: {answer['message']}")
    password = str(answer["RandomPassword"])
    return json.dumps({**json.loads(wanted[_TEMPLATE]), wanted[_KEY]: password}) if _TEMPLATE in wanted else password


def _install_generation() -> None:
    secret_string = provisioners._sm_secret_string

    def as_wanted(properties: Mapping[str, Any]) -> str:
        if _GENERATED in properties and not properties.get("SecretString"):
            return generate(properties[_GENERATED])
        return str(secret_string(properties))

    provisioners._sm_secret_string = as_wanted


def _typed(name: str, value: Any) -> Any:
    """Return a value as the service gets it: where it came from a parameter, the emulator has a string."""
    if name == "ExcludeCharacters":
        return str(value)
    return int(value) if name == "PasswordLength" else str(value).lower() == "true"


def _name(arn: str) -> str:
    return next((name for name, secret in secretsmanager._secrets.items() if secret["ARN"] == arn), arn)
