"""How the engine version is found by what runs."""

import pytest

from rds_operations.domain.engine_versions import VersionWish
from rds_operations.domain.errors import RefusedError
from rds_operations.usecases.resolve_engine_version import resolve_engine_version
from tests.fakes.engines import FakeEngines, engine, version


def resolve(wanted: str, *engines: str) -> str:
    decision = resolve_engine_version(
        VersionWish(version(wanted)),
        db_instance_identifier="langpont-dev-db",
        engines=FakeEngines(*map(engine, engines)),
    )
    return str(decision.version)


def test_new_instance_gets_the_wanted_version() -> None:
    assert resolve("16.14") == "16.14"


def test_instance_that_rds_has_upgraded_keeps_its_version() -> None:
    assert resolve("16.14", "16.15") == "16.15"


def test_older_instance_gets_the_wanted_version() -> None:
    assert resolve("16.14", "16.13") == "16.14"


def test_refusal_is_raised_with_its_reason() -> None:
    with pytest.raises(RefusedError, match=r"^langpont-dev-db runs PostgreSQL 17\.2 and EngineVersion asks for 16\.14"):
        resolve("16.14", "17.2")
