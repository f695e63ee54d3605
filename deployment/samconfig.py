"""What samconfig.toml says about an environment: the same file, and the same meaning, as for `sam deploy`."""

import shlex
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deployment.errors import DeploymentError

FILE = "samconfig.toml"
LOCAL = "local"

type Settings = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Target:
    """One environment to deploy to.

    Args:
        environment: Its name in samconfig.toml.
        stack_name: The root stack.
        region: Where it is.
        parameters: The template's parameters that differ from their defaults.
        capabilities: What CloudFormation is allowed to make.
        tags: Tags of the stack.
        role_arn: The role that CloudFormation works with; empty for the caller's own rights.
        bucket: Where packaged code goes; empty for the bucket that SAM makes.
        asks: Whether a deployment is confirmed by a person.
        keeps_failures: Whether what failed is left as it is, to be looked at, instead of rolled back.
        account_id: The account that it belongs to; empty where any is right.
    """

    environment: str
    stack_name: str
    region: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    capabilities: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    role_arn: str = ""
    bucket: str = ""
    asks: bool = False
    keeps_failures: bool = False
    account_id: str = ""

    @property
    def is_local(self) -> bool:
        """Tell whether it is the embedded environment."""
        return self.environment == LOCAL


def read_environments(file: Path) -> dict[str, Settings]:
    """Return the settings of every environment that can be deployed to, by name.

    Raises:
        DeploymentError: the file is missing or is no TOML.
    """
    try:
        configuration = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise DeploymentError(f"{file} cannot be read: {error}") from error
    tables = ((name, table) for name, table in configuration.items() if isinstance(table, dict))
    return {name: table for name, table in tables if "deploy" in table}


def read_target(file: Path, environment: str) -> Target:
    """Return an environment as samconfig.toml describes it.

    Raises:
        DeploymentError: there is no such environment, or it lacks a stack name or a region.
    """
    environments = read_environments(file)
    if environment not in environments:
        known = ", ".join(environments)
        named = f"there is no environment {environment!r} in {FILE}" if environment else "name an environment: ENV=…"
        raise DeploymentError(f"{named}; known are {known}")
    settings = environments[environment]
    common, deploy = parameters_of(settings, "global"), parameters_of(settings, "deploy")
    merged = {**common, **deploy}
    missing = [name for name in ("stack_name", "region") if not merged.get(name)]
    if missing:
        raise DeploymentError(f"{FILE} gives the environment {environment} no {' and no '.join(missing)}")
    return Target(
        environment=environment,
        stack_name=str(merged["stack_name"]),
        region=str(merged["region"]),
        parameters=parse_pairs(deploy.get("parameter_overrides", [])),
        capabilities=tuple(_words(deploy.get("capabilities", []))),
        tags=parse_pairs(deploy.get("tags", [])),
        role_arn=str(deploy.get("role_arn", "")),
        bucket=str(merged.get("s3_bucket", "")),
        asks=bool(deploy.get("confirm_changeset", False)),
        keeps_failures=bool(deploy.get("disable_rollback", False)),
        account_id=str(parameters_of(settings, "account").get("id", "")),
    )


def parameters_of(settings: Settings, command: str) -> Settings:
    """Return the parameters that an environment gives a command of SAM."""
    found: Settings = settings.get(command, {}).get("parameters", {})
    return found


def parse_pairs(pairs: str | Iterable[str]) -> dict[str, str]:
    """Return `Name=value` pairs as a mapping: a list of them, or one string with quoted values, as SAM takes both.

    Raises:
        DeploymentError: one of them has no equals sign, or no name before it.
    """
    found = {}
    for pair in shlex.split(pairs) if isinstance(pairs, str) else pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise DeploymentError(f"{pair!r} is no parameter; allowed: Name=value")
        found[name] = value.strip('"')
    return found


def _words(value: str | Iterable[str]) -> list[str]:
    return value.split() if isinstance(value, str) else list(value)
