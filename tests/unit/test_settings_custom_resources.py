"""Settings of the functions behind custom resources."""

import pytest

from rds_operations.domain.errors import ConfigurationError
from rds_operations.runtime.settings.lock_default_security_group import LockDefaultSecurityGroupSettings
from rds_operations.runtime.settings.request_database_setup import RequestDatabaseSetupSettings
from rds_operations.runtime.settings.resolve_engine_version import ResolveEngineVersionSettings

BASE = {"PROJECT_NAME": "langpont", "ENVIRONMENT": "staging", "DB_INSTANCE_IDENTIFIER": "langpont-staging-db"}
SETUP = BASE | {"SET_UP_FUNCTION_NAME": "langpont-staging-SetUpDatabaseFunction-1A2B3C4D5E6F"}
type Kind = (
    type[LockDefaultSecurityGroupSettings] | type[RequestDatabaseSetupSettings] | type[ResolveEngineVersionSettings]
)

WORLDS = [
    (LockDefaultSecurityGroupSettings, BASE),
    (ResolveEngineVersionSettings, BASE),
    (RequestDatabaseSetupSettings, SETUP),
]
each = pytest.mark.parametrize(("kind", "valid"), WORLDS)
each_variable = pytest.mark.parametrize(
    ("kind", "valid", "name"), [(kind, valid, name) for kind, valid in WORLDS for name in valid]
)


@each
def test_valid_environment_is_read(kind: Kind, valid: dict[str, str]) -> None:
    settings = kind.from_env(valid)

    assert {name: getattr(settings, name.lower()) for name in valid} == valid


@each_variable
@pytest.mark.parametrize("value", ["", "  ", None])
def test_missing_or_empty_variable_is_named(kind: Kind, valid: dict[str, str], name: str, value: str | None) -> None:
    variables = {key: text for key, text in (valid | {name: value}).items() if text is not None}

    with pytest.raises(ConfigurationError, match=f"^{name} is .*, allowed: "):
        kind.from_env(variables)


@pytest.mark.parametrize("name", ["x" * 65, "set up", "arn:aws:lambda:r:1:function:x", "x\n"])
def test_name_that_no_function_has_is_named(name: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^SET_UP_FUNCTION_NAME is '.*', allowed: the name of a function"):
        RequestDatabaseSetupSettings.from_env(SETUP | {"SET_UP_FUNCTION_NAME": name})


@each
def test_all_wrong_variables_are_named_at_once(kind: Kind, valid: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        kind.from_env({})

    assert all(f"{name} is not set" in str(caught.value) for name in valid)
