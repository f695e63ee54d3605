"""Makes the dashboard's resource: JSON in which CloudFormation fills in identifiers, thresholds and absent replicas."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from generators.alarm_resources import expression, metrics_of, threshold
from generators.alarm_rows import Alarm, Math, Metric, Parameter
from generators.alarm_tables import AlarmTables
from generators.alarm_texts import alarm_name
from generators.automation_stack import targets
from generators.dashboard_table import PATH as DASHBOARD
from generators.dashboard_table import Line, Section, Widget, load_dashboard
from generators.targets import Target, dimension_values, instances
from generators.yaml_lines import flow, quoted

__all__ = ["DASHBOARD", "dashboard_lines"]

COLUMNS, WIDTH, HEIGHT = 24, 6, 6
_PERIOD = 300
_ARN = "arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:"


@dataclass(slots=True)
class _Body:
    """The JSON under construction, and the variables that CloudFormation fills it with.

    Args:
        variables: In YAML, by name.
    """

    variables: dict[str, str] = field(default_factory=dict)

    def among(self, items: list[tuple[str, str]]) -> str:
        """Return items joined by commas; those of a condition are one variable, which brings its own comma.

        Args:
            items: Condition, empty where there is none, and JSON. At least one has none.
        """
        text = ",\n".join(item for condition, item in items if not condition)
        for condition in dict.fromkeys(condition for condition, _ in items if condition):
            name = f"{condition.removeprefix('Has')}Part{len(self.variables)}"
            joined = ", ".join(item for own, item in items if own == condition)
            self.variables[name] = f"!If [{condition}, !Sub {quoted(', ' + joined)}, '']"
            text += f"${{{name}}}"
        return text

    def value(self, found: float | Parameter, target: Target) -> str:
        """Return a threshold as JSON."""
        yaml = threshold(found, target)
        if not yaml.startswith("!"):
            return yaml
        if yaml.startswith("!Ref "):
            return _reference(yaml)
        return self.variable(yaml)

    def variable(self, yaml: str) -> str:
        """Return the reference to a variable of this value."""
        own = [name for name, value in self.variables.items() if value == yaml]
        name = own[0] if own else f"Limit{len(self.variables)}"
        self.variables[name] = yaml
        return f"${{{name}}}"


def dashboard_lines(root: Path, tables: AlarmTables) -> Iterator[str]:
    """Yield the resource `Dashboard`.

    Raises:
        TableError: the table of the dashboard is wrong.
    """
    body = _Body()
    sections = load_dashboard(root, {alarm.stem: alarm for alarm in tables.alarms})
    widgets = list(_widgets(body, tables, sections))
    yield "  Dashboard:"
    yield "    Type: AWS::CloudWatch::Dashboard"
    yield "    Properties:"
    yield "      DashboardName: !Sub ${ProjectName}-${Environment}"
    yield "      DashboardBody: !Sub"
    yield "        - |-"
    yield from (f"          {line}" for line in ('{"widgets": [\n' + ",\n".join(widgets) + "\n]}").splitlines())
    for position, (name, value) in enumerate(body.variables.items()):
        yield f"        {'- ' if position == 0 else '  '}{name}: {value}"
    yield ""


def _widgets(body: _Body, tables: AlarmTables, sections: tuple[Section, ...]) -> Iterator[str]:
    yield _alarm_widget(body, tables.database, "Alarms on the database", 0, instances_of=None)
    yield _alarm_widget(body, tables.automation, "Alarms on the automation", COLUMNS // 2, instances_of=tables)
    top = HEIGHT
    for section in sections:
        yield _widget("text", 0, top, COLUMNS, 1, f'"markdown": {json.dumps("## " + section.title)}')
        top += 1
        for position, widget in enumerate(section.widgets):
            row, column = divmod(position * WIDTH, COLUMNS)
            yield _graph(body, widget, column, top + row * HEIGHT)
        top += HEIGHT * -(-len(section.widgets) * WIDTH // COLUMNS)


def _widget(kind: str, x: int, y: int, width: int, height: int, properties: str) -> str:
    place = f'"x": {x}, "y": {y}, "width": {width}, "height": {height}'
    return f'{{"type": "{kind}", {place}, "properties": {{{properties}}}}}'


def _alarm_widget(
    body: _Body, alarms: tuple[Alarm, ...], title: str, x: int, *, instances_of: AlarmTables | None
) -> str:
    names = [
        (
            f"IsBurstable{target.key}" if alarm.only_burstable else target.condition,
            f'"{_ARN}{alarm_name(alarm, target)}"',
        )
        for alarm in alarms
        for target in (targets(instances_of, alarm.applies_to) if instances_of else instances(alarm.applies_to))
        # What is not in every shape of the deployment is of no interest once the deployment has succeeded.
        if not (instances_of and target.condition)
    ]
    return _widget("alarm", x, 0, COLUMNS // 2, HEIGHT, f'"title": "{title}", "alarms": [\n{body.among(names)}]')


def _graph(body: _Body, widget: Widget, x: int, y: int) -> str:
    periods = [alarm.watch.period for alarm in widget.alarms if alarm.watch and isinstance(alarm.watch.period, int)]
    several = len(widget.alarms) + len(widget.lines) > 1
    rows: list[tuple[str, str]] = []
    for line in widget.lines:
        rows += [(target.condition, _line_row(line, target)) for target in instances(line.instances)]
    for number, alarm in enumerate(widget.alarms):
        for target in instances(alarm.applies_to):
            rows += [(target.condition, row) for row in _alarm_rows(alarm, target, number, several=several)]
    properties = [
        f'"title": {json.dumps(widget.title)}, "region": "${{AWS::Region}}", "view": "timeSeries"',
        f'"period": {max(periods, default=_PERIOD)}',
        f'"metrics": [\n{body.among(list(dict.fromkeys(rows)))}]',
    ]
    if widget.alarms:
        properties.append(f'"annotations": {{"horizontal": [{_limits(body, widget)}]}}')
    return _widget("metric", x, y, WIDTH, HEIGHT, ", ".join(properties))


def _limits(body: _Body, widget: Widget) -> str:
    """Return the thresholds, each once; one that follows the class of the analytics replica only where that is."""
    drawn: dict[str, None] = {}
    for alarm in widget.alarms:
        for target in instances(alarm.applies_to):
            found = alarm.watch.threshold if alarm.watch else 0
            if isinstance(found, Parameter) and found.share_of_memory and target.memory_class != "MemoryClass":
                line = f', {{"label": "{alarm.stem} of {target.words["subject"]}", "value": ${{Limit}}}}'
                own = f"!Sub [{quoted(line)}, {flow({'Limit': threshold(found, target)})}]"
                drawn[body.variable(f"!If [{target.condition}, {own}, '']")] = None
            else:
                drawn[f'{{"label": "{alarm.stem}", "value": {body.value(found, target)}}}'] = None
    return ", ".join(drawn).replace(", ${", "${")


def _alarm_rows(alarm: Alarm, target: Target, number: int, *, several: bool) -> Iterator[str]:
    measured = alarm.watch.measured if alarm.watch else None
    who = target.words["subject"].removeprefix("the ")
    if isinstance(measured, Metric):
        yield _row(measured, target, {"label": f"{measured.name} of {who}" if several else who})
    elif isinstance(measured, Math):
        end = f"_{target.key.lower() or 'primary'}{number}"
        named = expression(measured, target)
        for key, metric in metrics_of(measured, target).items():
            yield _row(metric, target, {"id": key + end, "visible": False})
            named = re.sub(rf"\b{key}\b", key + end, named)
        yield json.dumps([{"expression": named, "label": f"{measured.label} of {who}"}])


def _line_row(line: Line, target: Target) -> str:
    metric, axis = line.metric, {"yAxis": "right"} if line.right else {}
    if line.by:
        # CloudWatch user guide, "Search expression syntax": the dimensions of the braces and no others.
        names = ",".join([metric.dimensions.namespace, *metric.dimensions.names, line.by])
        values = [f'{name}="{_reference(value)}"' for name, value in dimension_values(metric, target).items()]
        wanted = " ".join([f'MetricName="{metric.name}"', *values])
        search = f"SEARCH('{{{names}}} {wanted}', '{metric.statistic}')"
        return json.dumps([{"expression": search, **axis}])
    who = "" if line.instances == "primary" else f" of {target.words['subject'].removeprefix('the ')}"
    return _row(metric, target, {"label": metric.name + who, **axis})


def _row(metric: Metric, target: Target, options: Mapping[str, object]) -> str:
    dimensions: list[str] = []
    for name, value in dimension_values(metric, target).items():
        dimensions += [name, _reference(value)]
    row = [metric.dimensions.namespace, metric.name, *dimensions, {"stat": metric.statistic, **options}]
    return json.dumps(row)


def _reference(yaml: str) -> str:
    return "${" + yaml.removeprefix("!Ref ") + "}"
