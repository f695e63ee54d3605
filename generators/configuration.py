"""Makes docs/configuration.md: every parameter of the root template, what it may be, and what changing it costs."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from generators import templates
from generators.alarm_tables import load_alarm_tables, parameters_of
from generators.errors import TableError
from generators.fields import Fields
from generators.markdown import table
from generators.pieces import Document, Piece
from generators.templates import Template

PATH = "docs/configuration.md"
CHANGES = "generators/tables/changes.yaml"

_COSTS = {
    "nothing": "nobody notices",
    "restart": "RDS restarts the named instances: with Multi-AZ a minute or two, else several",
    "replacement": "the named resource is made anew; it holds no data",
    "refused": "`make deploy` refuses it by name, or AWS does and everything is rolled back; "
    "[replacing-the-database.md](replacing-the-database.md) has the way",
}
_HEAD = f"""# Configuration

<!-- Generated from template.yaml and {CHANGES} by `make generate`: change those, not this file. -->

The parameters of the deployment. [samconfig.toml](../samconfig.toml) gives each environment its values; what it does
not name keeps the value that the stack has, and on the first deployment gets the default. Wrong values and wrong
combinations are refused before anything is made.

Changing a parameter of a deployment that runs costs one of these:

{table(("cost", "means"), _COSTS.items())}
`make diff ENV=prod` shows what a change does before it is made.
"""


def generate(root: Path) -> Iterable[Piece]:
    """Return the document.

    Raises:
        TableError: a parameter has no row about changing it, or a row no parameter.
    """
    template = templates.source(root, templates.ROOT_TEMPLATE)
    costs = _costs(root, template["Parameters"])
    groups = template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    sections = [line for group in groups for line in _section(group, template["Parameters"], costs)]
    return [Document(PATH, "\n".join([_HEAD, *sections]).rstrip() + "\n")]


def _costs(root: Path, parameters: Mapping[str, Template]) -> Mapping[str, str]:
    """Return what changing a parameter costs, in words, by its name."""
    rows = Fields.read(root, CHANGES)
    thresholds = {parameter.name: "nothing" for parameter in parameters_of(load_alarm_tables(root).alarms)}
    costs = {**thresholds, **{name: _cost(Fields.of(f"{CHANGES}, {name}", rows.values[name])) for name in rows.values}}
    for missing in parameters.keys() - costs.keys():
        raise TableError(f"{CHANGES}: {missing} is missing; say what changing it costs")
    for unknown in costs.keys() - parameters.keys():
        raise TableError(f"{CHANGES}: {unknown} is no parameter of template.yaml")
    return costs


def _cost(row: Fields) -> str:
    row.only(("cost", "note"))
    note = row.text("note", "")
    return f"{row.choice('cost', _COSTS)}{': ' if note else ''}{note}"


def _section(group: Template, parameters: Mapping[str, Template], costs: Mapping[str, str]) -> Iterator[str]:
    rows = [
        (f"`{name}`", _default(parameters[name]), allowed(parameters[name]), costs[name], about(parameters[name]))
        for name in group["Parameters"]
    ]
    yield f"## {group['Label']['default']}"
    yield ""
    yield table(("parameter", "default", "allowed", "a change costs", "what it is"), rows)


def _default(parameter: Template) -> str:
    default = parameter["Default"]
    return f"`{default}`" if default != "" else "empty"


def allowed(parameter: Template) -> str:
    """Return what a parameter may be: its values, its bounds, or the words in which a wrong one is refused."""
    if "AllowedValues" in parameter:
        return ", ".join(f"`{value}`" for value in parameter["AllowedValues"])
    if "MinValue" in parameter:
        return f"{parameter['MinValue']} to {parameter['MaxValue']}"
    return str(parameter["ConstraintDescription"]).rstrip(".")


def about(parameter: Template) -> str:
    """Return what a parameter is, as the console says it."""
    return " ".join(str(parameter["Description"]).split())
