"""What the check expects of a server, and what it calls a difference."""

from collections.abc import Collection, Mapping
from typing import Any

import pytest

from rds_operations.domain.server_check import CheckResult, compare
from rds_operations.domain.server_expectations import DESIGN_CLASS, ServerPlan, expectations
from rds_operations.domain.server_facts import About, AtLeast, Comparison, Exactly, Fact, Including, OneOf, SwitchedOn
from rds_operations.runtime.events.no_input import require_no_input
from rds_operations.usecases.check_database import check_database
from tests.samples import sample, sample_names
from tests.templates import resources, source
from tests.whole_tables import for_each

PLAN = ServerPlan(DESIGN_CLASS, max_connections=300, log_destination="csvlog")
PARAMETERS: dict[str, Any] = resources("database", "AWS::RDS::DBParameterGroup")["ParameterGroup"]["Properties"][
    "Parameters"
]
FILLED_IN = {"MaxConnections": "300", "LogDestination": "csvlog"}
EXPECTED = {each.name: each for each in expectations(PLAN, None)}
# system.md, S10: what RDS lets nobody set is read back.
READ_BACK = {
    "superuser_reserved_connections", "log_line_prefix", "default_text_search_config", "ssl", "wal_level",
    "ssl_prefer_server_ciphers", "archive_mode", "max_wal_senders", "server_encoding", "TLS of this session",
    "in_recovery", "major version", "extension pg_stat_statements", "role langpont_app", "role langpont_readonly",
    "role langpont_metrics",
}  # fmt: skip


class FakeInspector:
    """A `ServerInspector` of a server that shows what it is told to."""

    def __init__(self, shown: Mapping[str, Fact]) -> None:
        self._shown = shown

    def facts(self, names: Collection[str]) -> Mapping[str, Fact]:
        return {name: self._shown[name] for name in names if name in self._shown}


def value_of(wanted: Comparison) -> str:
    """Return a value that the comparison holds for."""
    match wanted:
        case OneOf():
            return wanted.values[0]
        case Including():
            return f"rdsutils,{wanted.item}"
        case AtLeast():
            return str(wanted.minimum)
        case SwitchedOn():
            return "1"
        case Exactly() | About():
            return str(wanted.value)
    raise AssertionError(wanted)


AS_WANTED = {name: Fact(value_of(each.wanted)) for name, each in EXPECTED.items()}


def check(**shown: Fact | None) -> CheckResult:
    facts = {name: fact for name, fact in {**AS_WANTED, **shown}.items() if fact is not None}
    return check_database(PLAN, inspector=FakeInspector(facts))


def written(value: Any) -> str:
    """Return a parameter of the template as it is for the default class."""
    if isinstance(value, dict) and "Ref" in value:
        return FILLED_IN[value["Ref"]]
    return str(value["Fn::If"][1] if isinstance(value, dict) else value)


@for_each("name", PARAMETERS)
def test_every_parameter_of_the_template_is_checked_for_its_value(name: str) -> None:
    assert EXPECTED[name].wanted.holds_for(written(PARAMETERS[name]))


def test_beside_the_template_only_what_cannot_be_set_is_checked() -> None:
    assert set(EXPECTED) - set(PARAMETERS) == READ_BACK


def test_template_and_check_mean_the_same_default_class() -> None:
    assert source("database")["Conditions"]["HasDefaultClass"] == {
        "Fn::Equals": [{"Ref": "DBInstanceClass"}, DESIGN_CLASS]
    }


def test_server_as_it_should_be_has_no_difference() -> None:
    assert check() == CheckResult(len(EXPECTED), (), ())


@for_each("name", EXPECTED)
def test_each_name_with_another_value_is_one_difference(name: str) -> None:
    result = check(**{name: Fact("something else")})

    assert [difference.name for difference in result.differences] == [name]
    assert result.differences[0].actual == "something else"
    assert result.differences[0].meaning == EXPECTED[name].meaning


@for_each("name", [name for name, each in EXPECTED.items() if not each.only_on_rds])
def test_name_that_the_server_does_not_show_is_a_difference(name: str) -> None:
    result = check(**{name: None})

    assert [(difference.name, difference.actual) for difference in result.differences] == [(name, "not there")]
    assert result.checked == len(EXPECTED)


def test_what_only_rds_knows_is_not_shown_by_another_server() -> None:
    result = check(**{"rds.force_ssl": None, "rds.accepted_password_auth_method": None})

    assert set(result.not_shown) == {"rds.force_ssl", "rds.accepted_password_auth_method"}
    assert (result.checked, result.differences) == (len(EXPECTED) - 2, ())


def test_difference_has_the_unit_and_says_who_overrides_the_server() -> None:
    (found,) = check(work_mem=Fact("65536", "kB", "user")).differences

    assert (found.expected, found.actual) == ("16384 kB", "65536 kB")
    assert found.meaning.endswith("The checking session has it from its user; the server's own value is hidden.")


@pytest.mark.parametrize(
    ("shared_buffers", "others", "differing"),
    [
        # 16 GiB less what RDS keeps: 4 GiB of buffers.
        (503_000, {"effective_cache_size": 1_509_002, "work_mem": 62_875, "maintenance_work_mem": 1_006_000}, []),
        (503_000, {"effective_cache_size": 503_000, "work_mem": 62_875, "maintenance_work_mem": 1_006_000},
         ["effective_cache_size"]),
        # The bounds of the template: work_mem not below 4 MiB, maintenance_work_mem not above 2 GiB.
        (30_000, {"effective_cache_size": 90_000, "work_mem": 4_096, "maintenance_work_mem": 60_000}, []),
        (8_000_000, {"effective_cache_size": 24_000_000, "work_mem": 1_000_000, "maintenance_work_mem": 2_097_152}, []),
        # A group without effect leaves PostgreSQL's own.
        (16_384, {"effective_cache_size": 524_288, "work_mem": 4_096, "maintenance_work_mem": 65_536},
         ["shared_buffers", "effective_cache_size", "maintenance_work_mem"]),
    ],
)  # fmt: skip
def test_memory_of_another_class_has_to_come_from_one_size(
    shared_buffers: int, others: dict[str, int], differing: list[str]
) -> None:
    plan = ServerPlan("db.r6g.large", max_connections=300, log_destination="csvlog")
    shown = {name: Fact(str(value)) for name, value in {"shared_buffers": shared_buffers, **others}.items()}

    result = check_database(plan, inspector=FakeInspector({**AS_WANTED, **shown}))

    assert [difference.name for difference in result.differences] == differing


@pytest.mark.parametrize(
    ("wanted", "value", "holds"),
    [
        (Exactly("0.9"), "0.90", True),
        (Exactly("600"), "60", False),
        (Exactly("ddl"), "DDL", False),
        (AtLeast(10), "25", True),
        (AtLeast(10), "9", False),
        (AtLeast(10), "many", False),
        (About(1000.0), "1009", True),
        (About(1000.0), "1011", False),
        (About(1000.0), "unknown", False),
        (OneOf(("replica", "logical")), "minimal", False),
        (Including("pg_stat_statements"), "rdsutils, pg_stat_statements", True),
        (Including("pg_stat_statements"), "pg_stat_statements_2", False),
        (SwitchedOn(), "on", True),
        (SwitchedOn(), "1", True),
        (SwitchedOn(), "0", False),
    ],
)
def test_value_is_compared_as_it_is_meant(wanted: Comparison, value: str, *, holds: bool) -> None:
    assert wanted.holds_for(value) is holds


def test_names_are_compared_once_each() -> None:
    names = [each.name for each in expectations(PLAN, None)]

    assert len(names) == len(set(names))
    assert all(each.meaning.endswith(".") for each in expectations(PLAN, None))


def test_nothing_expected_is_nothing_checked() -> None:
    assert compare((), {}) == CheckResult(0, (), ())


@pytest.mark.parametrize("name", sample_names("check_database"))
def test_sample_events_are_understood(name: str) -> None:
    require_no_input(sample("check_database", name))
