"""Makes the regions of template.yaml about alarms: their parameters, the rules of these, and both stacks."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from generators.alarm_rows import Parameter
from generators.alarm_tables import AlarmTables, WatchedFunction, load_alarm_tables, parameters_of
from generators.automation_stack import PATH as AUTOMATION_STACK
from generators.automation_stack import RULE, SCHEDULE_GROUP, TOPIC, function_parameters, schedules_parameter
from generators.monitoring_stack import GIVEN, given_lines
from generators.monitoring_stack import PATH as MONITORING_STACK
from generators.pieces import Piece, Region
from generators.stack_lines import about_parameter
from generators.yaml_lines import listed, number, quoted

PATH = "template.yaml"

_INSTANCE = (
    "!If [UsesExistingInstance, !Ref ExistingDBInstanceIdentifier, !GetAtt DatabaseStack.Outputs.DBInstanceIdentifier]"
)
_OF_DATABASE = "!If [MakesInstance, !GetAtt DatabaseStack.Outputs.{}, '']"
_SHARED = {
    "ProjectName": "!Ref ProjectName",
    "Environment": "!Ref Environment",
    "DBInstanceIdentifier": _INSTANCE,
    "RunbookPlace": "!If [PublishesRunbooks, !Ref RunbookBaseUrl, docs/runbooks]",
}
_CLASSES = ("DBInstanceClass", "AnalyticsReplicaClass")


def generate(root: Path) -> Iterable[Piece]:
    """Return the regions.

    Raises:
        TableError: a table is wrong.
    """
    tables = load_alarm_tables(root)
    parameters = parameters_of(tables.alarms)
    yield Region(PATH, "alarm parameter groups", tuple(_group_lines(parameters)))
    yield Region(PATH, "alarm parameters", tuple(_parameter_lines(parameters, tables)))
    yield Region(PATH, "alarm rules", tuple(_rule_lines(tables)))
    yield Region(PATH, "alarm conditions", tuple(_condition_lines(parameters)))
    yield Region(PATH, "alarm stacks", tuple(_stack_lines(tables)))


def _group_lines(parameters: tuple[Parameter, ...]) -> Iterator[str]:
    yield "- Label: { default: Alarms }"
    yield "  Parameters:"
    yield from listed((parameter.name for parameter in parameters), "", "", 4, narrower=6)


def _parameter_lines(parameters: tuple[Parameter, ...], tables: AlarmTables) -> Iterator[str]:
    for parameter in parameters:
        bounds, words = _bounds(parameter)
        about = about_parameter(parameter, tables.alarms)
        texts = f"ConstraintDescription: {quoted(words)}, Description: {quoted(about)}"
        yield f"{parameter.name}: {{ Type: Number, Default: {number(parameter.default)}, {bounds}, {texts} }}"


def _bounds(parameter: Parameter) -> tuple[str, str]:
    """Return the bounds as the template has them, and in words."""
    if parameter.allowed:
        values = ", ".join(number(value) for value in parameter.allowed)
        return f"AllowedValues: [{values}]", f"One of the allowed values, in {parameter.unit}."
    smallest, largest = number(parameter.minimum or 0), number(parameter.maximum or 0)
    return f"MinValue: {smallest}, MaxValue: {largest}", f"{smallest} to {largest} {parameter.unit}."


def _rule_lines(tables: AlarmTables) -> Iterator[str]:
    name = next(parameter.name for parameter in parameters_of(tables.alarms) if parameter.share_of_memory)
    yield "MemoryOfClassesIsKnown:"
    yield f"  RuleCondition: !Equals [!Ref {name}, '0']"
    yield "  Assertions:"
    for of_class in _CLASSES:
        yield "    - Assert: !Contains"
        yield from listed(tables.memory_mib, "- ", "", 8, narrower=2)
        yield f"        - !Ref {of_class}"
        yield f"      AssertDescription: The memory of this {of_class} is not known; say in {name} what is too little."


def _condition_lines(parameters: tuple[Parameter, ...]) -> Iterator[str]:
    yield "PublishesRunbooks: !Not [!Equals [!Ref RunbookBaseUrl, '']]"
    yield from given_lines(parameters)


def _stack_lines(tables: AlarmTables) -> Iterator[str]:
    yield from _stack("MonitoringStack", MONITORING_STACK, _monitoring(tables))
    yield ""
    yield from _stack("AutomationStack", AUTOMATION_STACK, _automation(tables))


def _stack(logical_id: str, path: str, parameters: Mapping[str, str]) -> Iterator[str]:
    yield f"{logical_id}:"
    yield "  Type: AWS::CloudFormation::Stack"
    yield "  DeletionPolicy: Delete"
    yield "  UpdateReplacePolicy: Delete"
    yield "  Properties:"
    yield f"    TemplateURL: {path}"
    yield "    Parameters:"
    pairs = [f"{name}: {value}" for name, value in parameters.items()]
    yield from listed(pairs, "", "", 6, narrower=2, brackets=("{ ", " }"))


def _monitoring(tables: AlarmTables) -> Mapping[str, str]:
    own = {
        "Replica1Identifier": _OF_DATABASE.format("Replica1Identifier"),
        "Replica2Identifier": _OF_DATABASE.format("Replica2Identifier"),
        # Conditions know neither Fn::Select nor Fn::Split (CloudFormation, "Condition functions"), so it is done here.
        "ClassFamily": "!Select [1, !Split ['.', !Ref DBInstanceClass]]",
        "AnalyticsClassFamily": "!Select [1, !Split ['.', !Ref AnalyticsReplicaClass]]",
        "MemoryClass": f"!If [GivesMemoryLowMiB, {GIVEN}, !Ref DBInstanceClass]",
        "AnalyticsMemoryClass": f"!If [GivesMemoryLowMiB, {GIVEN}, !Ref AnalyticsReplicaClass]",
        "AlarmsTopicArn": "!Ref AlarmsTopic",
    }
    return {**_SHARED, **own, **_handed_on(parameters_of(tables.database))}


def _automation(tables: AlarmTables) -> Mapping[str, str]:
    wiring = {**_SHARED, TOPIC: "!Ref AutomationAlarmsTopic"}
    wiring |= {f"{topic.also_tells}Arn": f"!Ref {topic.also_tells}" for topic in tables.topics if topic.also_tells}
    wiring |= {f"{topic.resource}Name": f"!GetAtt {topic.resource}.TopicName" for topic in tables.topics}
    wiring |= {RULE: f"!GetAtt ReactionsStack.Outputs.{RULE}"}
    wiring |= {schedules_parameter(each): f"!GetAtt {each.stack}.Outputs.{SCHEDULE_GROUP}" for each in tables.schedules}
    for function in tables.functions:
        wiring |= {name: _output(function, name) for name in function_parameters(function)}
    return {**wiring, **_handed_on(parameters_of(tables.automation))}


def _output(function: WatchedFunction, name: str) -> str:
    found = f"!GetAtt {function.stack}.Outputs.{name}"
    return f"!If [{function.stack_condition}, {found}, '']" if function.stack_condition else found


def _handed_on(parameters: tuple[Parameter, ...]) -> Mapping[str, str]:
    return {parameter.name: f"!Ref {parameter.name}" for parameter in parameters}
