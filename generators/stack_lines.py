"""The parts that every generated stack begins with."""

from collections.abc import Iterator, Mapping

from generators.alarm_rows import Alarm, Parameter
from generators.alarm_tables import parameters_of
from generators.yaml_lines import flow, quoted

SHARED = {
    "ProjectName": "Prefix of names and tags.",
    "Environment": "dev, staging or prod.",
    "DBInstanceIdentifier": "The primary DB instance.",
    "RunbookPlace": "Where the runbooks are: an address, or their folder.",
}


def head_lines(description: str, tables: str) -> Iterator[str]:
    """Yield what stands before the parameters.

    Args:
        description: The stack's.
        tables: What it is made from.
    """
    yield f"# Generated from {tables} by `make generate`: change the table, not this file."
    yield "AWSTemplateFormatVersion: '2010-09-09'"
    yield ""
    yield f"Description: {description}"
    yield ""


def parameter_lines(texts: Mapping[str, str], alarms: tuple[Alarm, ...]) -> Iterator[str]:
    """Yield the section Parameters.

    Args:
        texts: The description of each parameter that is a text; the empty text is allowed.
        alarms: The alarms, whose parameters the root template gives, so that they have no default here.
    """
    yield "Parameters:"
    for name, about in texts.items():
        yield f"  {name}: {flow({'Type': 'String', 'Description': quoted(about)})}"
    for parameter in parameters_of(alarms):
        about = about_parameter(parameter, alarms)
        yield f"  {parameter.name}: {flow({'Type': 'Number', 'Description': quoted(about)})}"
    yield ""


def about_parameter(parameter: Parameter, alarms: tuple[Alarm, ...]) -> str:
    """Return the description of a parameter: what it is, in which unit, and which alarms need it."""
    stems = [
        alarm.stem for alarm in alarms if parameter in alarm.all_parameters or f"${{{parameter.name}}}" in alarm.text
    ]
    unit = "" if parameter.unit in parameter.description.lower() else f", in {parameter.unit}"
    return f"{parameter.description}{unit} ({', '.join(stems)}).{parameter.note and ' ' + parameter.note}"


def camel(stem: str) -> str:
    """Return a stem as part of a resource's name."""
    return "".join(word.capitalize() for word in stem.replace("_", "-").split("-"))
