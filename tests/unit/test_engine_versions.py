"""Which engine version the template gets."""

import pytest

from rds_operations.domain.engine_versions import (
    EngineVersion,
    RunningEngine,
    VersionAction,
    VersionDecision,
    VersionWish,
    decide_engine_version,
)
from tests.fakes.engines import engine, version


def decide(wanted: str, running: RunningEngine | None, previously: str = "") -> VersionDecision:
    return decide_engine_version(VersionWish(version(wanted), version(previously) if previously else None), running)


@pytest.mark.parametrize(
    ("older", "newer"),
    [("16.9", "16.10"), ("16.14", "16.15"), ("16.99", "17.0"), ("9.6", "10.1"), ("11.22", "11.22-rds.20240418")],
)
def test_versions_compare_as_numbers(older: str, newer: str) -> None:
    assert version(older) < version(newer)


@pytest.mark.parametrize("text", ["16", "16.", ".14", "16.14.1", "v16.14", "16.14 ", " 16.14", "", "16.x", "16.14\n"])
def test_text_that_is_no_minor_version_is_none(text: str) -> None:
    assert EngineVersion.parse(text) is None


def test_version_is_told_as_it_was_written() -> None:
    assert str(version("11.22-RDS.20240418")) == "11.22-RDS.20240418"


def test_without_an_instance_the_wanted_version_is_taken() -> None:
    decision = decide("16.14", None)

    assert (str(decision.version), decision.action) == ("16.14", VersionAction.TAKE_WANTED)


@pytest.mark.parametrize("previously", ["", "16.13"])
def test_wanted_version_is_taken_where_an_older_one_runs(previously: str) -> None:
    decision = decide("16.14", engine("16.9"), previously)

    assert (str(decision.version), decision.action) == ("16.14", VersionAction.TAKE_WANTED)


@pytest.mark.parametrize("wanted", ["16.9", "16.10", "16.15"])
@pytest.mark.parametrize("previously", ["", "16.8", "16.15"])
def test_upgrade_that_rds_made_by_itself_is_never_turned_back(wanted: str, previously: str) -> None:
    decision = decide(wanted, engine("16.15"), previously)

    assert (str(decision.version), decision.action) == ("16.15", VersionAction.KEEP_RUNNING)


def test_upgrade_that_waits_for_its_window_counts_as_running() -> None:
    decision = decide("16.14", engine("16.13", pending="16.15"))

    assert str(decision.version) == "16.15"


@pytest.mark.parametrize(("wanted", "running"), [("16.14", "17.2"), ("17.2", "16.14")])
@pytest.mark.parametrize("previously", ["", "16.13"])
def test_another_major_version_is_refused_in_words(wanted: str, running: str, previously: str) -> None:
    decision = decide(wanted, engine(running), previously)

    assert decision.action is VersionAction.REFUSE
    assert decision.reason.startswith(f"langpont-dev-db runs PostgreSQL {running} and EngineVersion asks for {wanted}")


@pytest.mark.parametrize("previously", ["16.14", "16.15"])
def test_rollback_is_answered_whatever_major_version_runs(previously: str) -> None:
    decision = decide("16.14", engine("17.2"), previously)

    assert (str(decision.version), decision.action) == ("17.2", VersionAction.KEEP_RUNNING)


def test_newer_version_is_refused_while_rds_is_upgrading() -> None:
    decision = decide("16.15", engine("16.13", "upgrading"), previously="16.13")

    assert decision.action is VersionAction.REFUSE
    assert decision.reason == (
        "RDS is upgrading langpont-dev-db from 16.13 at this moment: deploy again once it is available, to get 16.15"
    )


def test_rollback_is_answered_while_rds_is_upgrading() -> None:
    decision = decide("16.14", engine("16.13", "upgrading"), previously="16.15")

    assert (str(decision.version), decision.action) == ("16.13", VersionAction.KEEP_RUNNING)


def test_version_that_runs_is_kept_while_rds_is_upgrading() -> None:
    decision = decide("16.13", engine("16.13", "upgrading"))

    assert (str(decision.version), decision.action) == ("16.13", VersionAction.KEEP_RUNNING)
