"""docs/configuration.md has every parameter, and says of each what changing it costs."""

import re
import shutil
from pathlib import Path

import pytest

from generators.configuration import CHANGES, generate
from generators.errors import TableError
from tests.templates import ROOT, source
from tests.whole_tables import for_each

DOCUMENT = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
# CloudFormation's page of AWS::RDS::DBInstance: changes of these properties replace the instance.
REPLACING = {"ProjectName", "Environment", "DBName", "DBUsername"}
# The same page: "Some interruptions"; and static parameters of PostgreSQL.
RESTARTING = {"DBInstanceClass", "AnalyticsReplicaClass", "EngineVersion", "MaxConnections"}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for pattern in ("template.yaml", "monitoring/*", "generators/tables/*"):
        for path in ROOT.glob(pattern):
            (tmp_path / path.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, tmp_path / path.relative_to(ROOT))
    return tmp_path


def _row(name: str) -> list[str]:
    (row,) = re.findall(rf"^\| `{name}` \|.*$", DOCUMENT, re.MULTILINE)
    return [cell.strip() for cell in row.strip("|").split(" | ")]


@for_each("name", source("root")["Parameters"])
def test_parameter_is_there_once_with_default_bounds_cost_and_meaning(name: str) -> None:
    parameter = source("root")["Parameters"][name]

    _, default, allowed, cost, what = _row(name)

    assert default == (f"`{parameter['Default']}`" if parameter["Default"] != "" else "empty")
    assert all(str(value) in allowed for value in parameter.get("AllowedValues", []))
    assert cost.partition(":")[0] in {"nothing", "restart", "replacement", "refused"}
    assert what == " ".join(parameter["Description"].split())


@pytest.mark.parametrize("name", sorted(REPLACING))
def test_change_that_would_replace_the_database_is_called_refused(name: str) -> None:
    assert _row(name)[3].startswith("refused: ")


@pytest.mark.parametrize("name", sorted(RESTARTING))
def test_change_that_restarts_an_instance_is_called_so(name: str) -> None:
    assert _row(name)[3].startswith("restart: ")


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("DBName:", "DBNames:", "DBName is missing; say what changing it costs"),
        ("FlowLogs: { cost: nothing", "FlowLogs: { cost: little", "cost is 'little', allowed: nothing, restart"),
        ("VpcCidr: {", "VpcCdir: { cost: nothing }\nVpcCidr: {", "VpcCdir is no parameter of template.yaml"),
    ],
)
def test_wrong_row_about_changes_is_refused(checkout: Path, before: str, after: str, complaint: str) -> None:
    table = checkout / CHANGES
    table.write_text(table.read_text(encoding="utf-8").replace(f"\n{before}", f"\n{after}"), encoding="utf-8")

    with pytest.raises(TableError, match=complaint):
        list(generate(checkout))
