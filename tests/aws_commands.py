"""Commands of the AWS CLI in documents, held against botocore's models: nothing in a runbook may be invented."""

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import jmespath.parser  # type: ignore[import-untyped]
import jmespath.visitor  # type: ignore[import-untyped]
from botocore import xform_name
from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StructureShape
from botocore.session import Session
from jmespath.exceptions import JMESPathError  # type: ignore[import-untyped]

# AWS CLI reference, "Global options"; the last three belong to every operation that is paginated.
_GLOBAL = {"query", "output", "region", "profile", "no-cli-pager", "cli-binary-format", "max-items", "page-size"}
# What the CLI adds to the services' own operations (AWS CLI reference, "logs tail"): there is no model of it.
_CLI_ONLY = {("logs", "tail"): {"since", "follow", "format", "filter-pattern", "log-stream-name-prefix"}}
# The CLI's own name for an option whose name would begin like one of its global ones.
_RENAMED = {("sns", "subscribe", "notification-endpoint"): "endpoint"}
# `aws lambda invoke` writes the response into a file, `aws logs tail` reads a log group: their only bare words.
_BARE_WORDS = {("lambda", "invoke"): 1, ("logs", "tail"): 1}
_SEPARATORS = {"|", "||", "&&", ";", "&", ">", ">>"}
_ASSIGNMENT = re.compile(r"[A-Z_]+=")
_OPEN = re.compile(r"<[a-z_]+>|\$|SUBSTITUTED")
# Parts of a query that mean the whole answer.
_OF_THE_WHOLE = {"slice", "pipe", "index -1", *(f"function_expression {name}" for name in ("length", "sort_by", "sum"))}
_NUMBERS = {"integer", "long", "float", "double", "boolean"}

type Node = dict[str, Any]


class _AnyKey(dict[str, object]):
    """A map whose keys only the service knows."""

    def get(self, _key: str, _default: object = None) -> object:
        return "value"


class _EveryCondition(jmespath.visitor.TreeInterpreter):  # type: ignore[misc]
    """Takes every condition for met, and notes whether one looks at what is not there."""

    def __init__(self) -> None:
        super().__init__()
        self.missed = False

    def visit_filter_projection(self, node: Node, value: object) -> object:
        source, each, condition = node["children"]
        found = []
        for element in self.visit(source, value) or []:
            self._look(condition, element)
            found.append(self.visit(each, element))
        return found

    def visit_comparator(self, node: Node, value: object) -> object:
        for side in node["children"]:
            self._look(side, value)
        return True

    def _look(self, node: Node, value: object) -> None:
        if _is_hollow(self.visit(node, value)):
            self.missed = True


def commands(block: str) -> list[list[str]]:
    """Return the words of every command of a shell block, those within `$(…)` first."""
    found: list[list[str]] = []
    text = block.replace("\\\n", " ")
    while match := re.search(r"\$\(((?:[^()]|\([^()]*\))*)\)", text):
        found += commands(match[1])
        text = text[: match.start()] + "SUBSTITUTED" + text[match.end() :]
    for line in text.splitlines():
        found += _pipeline(line)
    return found


def _pipeline(line: str) -> Iterator[list[str]]:
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|;&")
    lexer.whitespace_split = True
    words: list[str] = []
    for word in [*lexer, ";"]:
        if word not in _SEPARATORS:
            words.append(word)
            continue
        while words and (words[0] == "do" or _ASSIGNMENT.match(words[0])):
            words.pop(0)
        if words:
            yield words
        words = []


def problems(words: list[str]) -> list[str]:
    """Return what is wrong with a command that begins with `aws`, in words; nothing if the CLI would send it."""
    service, operation, *rest = [*words[1:], "", ""]
    if (service, operation) in _CLI_ONLY:
        names = {name for name, _ in _options(rest) if name}
        return [f"{service} {operation} knows no --{name}" for name in names - _CLI_ONLY[service, operation] - _GLOBAL]
    if service not in _session().get_available_services():
        return [f"there is no service {service}"]
    model = _model(service)
    by_name = {xform_name(name, "-"): name for name in model.operation_names}
    if operation not in by_name:
        return [f"{service} has no operation {operation}"]
    call = _Call(service, operation, model.operation_model(by_name[operation]))
    return call.problems([word for word in rest if word])


@cache
def _session() -> Session:
    return Session()


@cache
def _model(service: str) -> ServiceModel:
    return _session().get_service_model(service)


def _options(words: list[str]) -> list[tuple[str, list[str]]]:
    """Return every option with its values; bare words stand under an empty name."""
    found: list[tuple[str, list[str]]] = [("", [])]
    for word in words:
        if word.startswith("--"):
            found.append((word[2:], []))
        else:
            found[-1][1].append(word)
    return [(name, values) for name, values in found if name or values]


@dataclass(frozen=True, slots=True)
class _Call:
    service: str
    operation: str
    model: OperationModel

    def problems(self, words: list[str]) -> list[str]:
        members = self.model.input_shape.members if self.model.input_shape else {}
        required = set(self.model.input_shape.required_members) if self.model.input_shape else set()
        by_option = {xform_name(name, "-"): name for name in members}
        allowed_bare = _BARE_WORDS.get((self.service, self.operation), 0)
        found, given = [], set()
        for written, values in _options(words):
            name = _RENAMED.get((self.service, self.operation, written), written)
            positive = name.removeprefix("no-") if name not in by_option else name
            if name == "query":
                found += self._query_problems(values[0]) + self._paging_problems(values[0], words)
            elif positive in by_option:
                given.add(by_option[positive])
                shape = members[by_option[positive]]
                bare = values[_arity(shape, values) :]
                allowed_bare -= len(bare)
                found += _value_problems(name, shape, values[: len(values) - len(bare)])
            elif name not in _GLOBAL:
                found.append(f"{self.service} {self.operation} knows no --{name}" if name else f"loose words {values}")
        found += [f"{self.operation} needs --{xform_name(name, '-')}" for name in sorted(required - given)]
        return found if allowed_bare >= 0 else [*found, f"loose words after {self.operation}"]

    def _query_problems(self, query: str) -> list[str]:
        """Ask it of an answer in which everything is there: what is missing there, no answer has."""
        answer = _answer(self.model.output_shape) if self.model.output_shape else {}
        asked = _EveryCondition()
        try:
            result = asked.visit(jmespath.parser.Parser().parse(query).parsed, answer)
        except JMESPathError as error:
            return [f"--query of {self.operation}: {error}"]
        missing = f"no answer of {self.operation} has all of: {query}"
        return [missing] if asked.missed or _is_hollow(result) else []

    def _paging_problems(self, query: str, words: list[str]) -> list[str]:
        """Tell what is asked of each page instead of the whole answer (AWS CLI User Guide, "Filtering output")."""
        if "text" not in words or not self._is_paginated():
            return []
        kinds = _kinds(jmespath.parser.Parser().parse(query).parsed)
        return [f"--output text asks each page of {self.operation} for: {query}"] if kinds & _OF_THE_WHOLE else []

    def _is_paginated(self) -> bool:
        try:
            _session().get_paginator_model(self.service).get_paginator(self.model.name)
        except ValueError:
            return False
        return True


def _kinds(node: Node) -> set[str]:
    name = node.get("value") if node["type"] in {"function_expression", "index"} else None
    return {node["type"], f"{node['type']} {name}"}.union(*map(_kinds, _children(node)))


def _children(node: Node) -> list[Node]:
    return [] if node["type"] == "slice" else node["children"]


def _arity(shape: Shape, values: list[str]) -> int:
    """Return how many words belong to an option; a list takes all of them."""
    if shape.type_name == "boolean":
        return 0
    return len(values) if shape.type_name == "list" else 1


def _value_problems(option: str, shape: Shape, values: list[str]) -> list[str]:
    if shape.type_name != "boolean" and not values:
        return [f"--{option} has no value"]
    return [problem for value in values for problem in _one_value_problems(option, shape, value)]


def _one_value_problems(option: str, shape: Shape, value: str) -> list[str]:
    inner: Shape = shape.member if isinstance(shape, ListShape) else shape
    if isinstance(inner, StructureShape):
        names = list(_first(json.loads(value))) if value[0] in "[{" else re.findall(r"(?:^|,)([A-Za-z]+)=", value)
        wrong = [name for name in names if name not in inner.members]
        return [f"--{option} has no part {name}" for name in wrong or ([] if names else [value])]
    if _OPEN.search(value):
        return []
    if inner.type_name in {"integer", "long"} and not value.lstrip("-").isdigit():
        return [f"--{option} is a number, not {value}"]
    choices = getattr(inner, "enum", [])
    return [f"--{option} is one of {', '.join(choices)}, not {value}"] if choices and value not in choices else []


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) else value


def _answer(shape: Shape, depth: int = 0) -> object:
    """Return an answer of a shape in which everything is there once."""
    if isinstance(shape, StructureShape):
        return {name: _answer(member, depth + 1) for name, member in shape.members.items()} if depth < 8 else {}
    if isinstance(shape, ListShape):
        return [_answer(shape.member, depth + 1)]
    if isinstance(shape, MapShape):
        return _AnyKey()
    return 1 if shape.type_name in _NUMBERS else "value"


def _is_hollow(result: object) -> bool:
    if isinstance(result, list):
        return not result or any(map(_is_hollow, result))
    return result is None or (isinstance(result, dict) and not isinstance(result, _AnyKey) and not result)
