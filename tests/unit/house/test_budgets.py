"""Rooms stay small: budgets of style.md, read from the code."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.templates import TEMPLATES

ROOT = Path(__file__).parents[3]
CODE = sorted(p for folder in ("layers", "functions", "local") for p in (ROOT / folder).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))
HANDLERS = sorted((ROOT / "functions").glob("*/app.py"))

type Function = ast.FunctionDef | ast.AsyncFunctionDef


def _id(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _lines(path: Path) -> int:
    return sum(bool(line.strip()) for line in path.read_text(encoding="utf-8").splitlines())


def _functions(path: Path) -> Iterator[Function]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _body_lines(function: Function) -> int:
    first = function.body[1] if ast.get_docstring(function) and len(function.body) > 1 else function.body[0]
    return (function.end_lineno or 0) - first.lineno + 1


@pytest.mark.parametrize("path", CODE, ids=_id)
def test_module_has_at_most_200_lines(path: Path) -> None:
    assert _lines(path) <= 200


@pytest.mark.parametrize("path", HANDLERS, ids=_id)
def test_handler_module_has_at_most_45_lines(path: Path) -> None:
    assert _lines(path) <= 45


@pytest.mark.parametrize("path", CODE, ids=_id)
def test_function_body_has_at_most_30_lines(path: Path) -> None:
    too_long = {function.name: _body_lines(function) for function in _functions(path) if _body_lines(function) > 30}

    assert not too_long


@pytest.mark.parametrize("path", TESTS, ids=_id)
def test_test_has_at_most_40_lines(path: Path) -> None:
    too_long = {function.name: _body_lines(function) for function in _functions(path) if _body_lines(function) > 40}

    assert not too_long


@pytest.mark.parametrize("name", TEMPLATES)
def test_template_has_at_most_300_lines(name: str) -> None:
    assert _lines(TEMPLATES[name]) <= 300
