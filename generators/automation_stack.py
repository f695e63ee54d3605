"""Makes stacks/automation.yaml: the alarms on functions, queues, topics and deliveries of the kit itself."""

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from generators.alarm_resources import alarm_lines
from generators.alarm_tables import (
    AUTOMATION,
    AlarmTables,
    WatchedFunction,
    WatchedSchedules,
    WatchedTopic,
    load_alarm_tables,
)
from generators.pieces import Document, Piece
from generators.stack_lines import SHARED, camel, head_lines, parameter_lines
from generators.targets import PRIMARY_TARGET, Target

PATH = "stacks/automation.yaml"
TOPIC = "AutomationAlarmsTopicArn"
RULE, SCHEDULE_GROUP = "RdsEventRuleName", "ScheduleGroupName"


def generate(root: Path) -> Iterable[Piece]:
    """Return the stack.

    Raises:
        TableError: a table is wrong.
    """
    tables = load_alarm_tables(root)
    lines = chain(
        head_lines("CloudWatch alarms on the automation itself, straight to people", AUTOMATION),
        parameter_lines(_texts(tables), tables.automation),
        _condition_lines(tables),
        ["Resources:"],
        _alarms(tables),
    )
    return [Document(PATH, "\n".join(lines).rstrip("\n") + "\n")]


def targets(tables: AlarmTables, applies_to: str) -> tuple[Target, ...]:
    """Return what a row of the automation's table applies to."""
    if applies_to == "functions":
        return tuple(_function(function) for function in tables.functions)
    if applies_to == "topics":
        return tuple(_topic(topic) for topic in tables.topics)
    if applies_to == "schedules":
        return tuple(_schedules(schedules) for schedules in tables.schedules)
    values = {**PRIMARY_TARGET.values, "RuleName": f"!Ref {RULE}"}
    return (Target(words={"subject": "the deployment"}, values=values),)


def function_parameters(function: WatchedFunction) -> tuple[str, str]:
    """Return the parameters with the names of a function and its dead-letter queue, called as its stack's outputs."""
    return f"{camel(function.stem)}FunctionName", f"{camel(function.stem)}DeadLetterQueueName"


def schedules_parameter(schedules: WatchedSchedules) -> str:
    """Return the parameter with the name of a group of schedules; its stack's output is called `SCHEDULE_GROUP`."""
    return f"{camel(schedules.stem)}{SCHEDULE_GROUP}"


def _function(function: WatchedFunction) -> Target:
    name, queue = function_parameters(function)
    return Target(
        key=camel(function.stem),
        suffix=f"-{function.stem.replace('_', '-')}",
        words={"subject": function.stem, "failing": function.failing, "dead_letters": function.dead_letters},
        values={"FunctionName": f"!Ref {name}", "QueueName": f"!Ref {queue}"},
        condition=f"Has{camel(function.stem)}" if function.optional else "",
        period=function.period,
        severity=function.severity,
        further_counts=function.counts,
    )


def _topic(topic: WatchedTopic) -> Target:
    return Target(
        key=camel(topic.stem),
        suffix=f"-{topic.stem}",
        words={"subject": topic.resource, "carries": topic.carries},
        values={"TopicName": f"!Ref {topic.resource}Name"},
        also_tells=(f"{topic.also_tells}Arn",) if topic.also_tells else (),
    )


def _schedules(schedules: WatchedSchedules) -> Target:
    return Target(
        key=camel(schedules.stem),
        suffix=f"-{schedules.stem}",
        words={"subject": schedules.stem, "late": schedules.late},
        values={"ScheduleGroup": f"!Ref {schedules_parameter(schedules)}"},
    )


def _texts(tables: AlarmTables) -> dict[str, str]:
    texts = SHARED | {TOPIC: "Topic of alarms on the automation, which people subscribe to."}
    texts |= {
        f"{topic.also_tells}Arn": "Topic of alarms on the database." for topic in tables.topics if topic.also_tells
    }
    texts |= {f"{topic.resource}Name": f"Name of the topic that carries {topic.carries}." for topic in tables.topics}
    texts |= {RULE: "Rule that hands events of RDS to react_to_rds_event."}
    texts |= {schedules_parameter(each): f"Group of the schedules of {each.stack}." for each in tables.schedules}
    for function in tables.functions:
        name, queue = function_parameters(function)
        absent = "; empty where there is none" if function.optional else ""
        texts |= {name: f"The function {function.stem}{absent}.", queue: f"Its dead-letter queue{absent}."}
    return texts


def _condition_lines(tables: AlarmTables) -> Iterator[str]:
    optional = [function for function in tables.functions if function.optional]
    yield "Conditions:"
    for function in optional:
        yield f"  Has{camel(function.stem)}: !Not [!Equals [!Ref {function_parameters(function)[0]}, '']]"
    yield ""


def _alarms(tables: AlarmTables) -> Iterator[str]:
    for alarm in tables.automation:
        for target in targets(tables, alarm.applies_to):
            yield from alarm_lines(alarm, target, (TOPIC,))
