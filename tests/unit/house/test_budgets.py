"""Rooms stay small: budgets of style.md, read from the code."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.templates import TEMPLATES
from tests.whole_tables import for_each

ROOT = Path(__file__).parents[3]
FOLDERS = ("layers", "functions", "deployment", "generators", "local")
CODE = sorted(p for folder in FOLDERS for p in (ROOT / folder).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))
HANDLERS = sorted((ROOT / "functions").glob("*/app.py"))

BLOCKS = (ast.If, ast.For, ast.While, ast.With, ast.Try, ast.Match, ast.AsyncFor, ast.AsyncWith)

type Function = ast.FunctionDef | ast.AsyncFunctionDef


def _id(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _lines(path: Path) -> int:
    return sum(bool(line.strip()) for line in path.read_text(encoding="utf-8").splitlines())


def _lines_by_hand(path: Path) -> int:
    """Return the lines that nobody generates: what is made from a table is checked for drift instead (decision 4)."""
    text = path.read_text(encoding="utf-8")
    if text.startswith("# Generated from "):
        return 0
    by_hand = re.sub(r"^ *# generated: (.+)\n(?:.*\n)*? *# end of generated: \1\n", "", text, flags=re.MULTILINE)
    return sum(bool(line.strip()) for line in by_hand.splitlines())


@cache
def _functions(path: Path) -> tuple[Function, ...]:
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return tuple(node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def _body_lines(function: Function) -> int:
    first = function.body[1] if ast.get_docstring(function) and len(function.body) > 1 else function.body[0]
    return (function.end_lineno or 0) - first.lineno + 1


def _depth(node: ast.AST) -> int:
    """How deep blocks stand in each other; a function inside a function begins anew."""
    inner = [
        _depth(child) + isinstance(child, BLOCKS)
        for child in ast.iter_child_nodes(node)
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    return max(inner, default=0)


@for_each("path", CODE, ids=_id)
def test_module_has_at_most_200_lines(path: Path) -> None:
    assert _lines(path) <= 200


@pytest.mark.parametrize("path", HANDLERS, ids=_id)
def test_handler_module_has_at_most_45_lines(path: Path) -> None:
    assert _lines(path) <= 45


@for_each("path", CODE, ids=_id)
def test_function_body_has_at_most_30_lines(path: Path) -> None:
    too_long = {function.name: _body_lines(function) for function in _functions(path) if _body_lines(function) > 30}

    assert not too_long


@for_each("path", CODE, ids=_id)
def test_blocks_nest_at_most_three_deep(path: Path) -> None:
    too_deep = {function.name: _depth(function) for function in _functions(path) if _depth(function) > 3}

    assert not too_deep


@pytest.mark.parametrize("path", HANDLERS, ids=_id)
def test_handler_itself_has_at_most_12_lines(path: Path) -> None:
    (handler,) = [function for function in _functions(path) if function.name == "handler"]

    assert _body_lines(handler) <= 12


@for_each("path", TESTS, ids=_id)
def test_test_has_at_most_40_lines(path: Path) -> None:
    too_long = {function.name: _body_lines(function) for function in _functions(path) if _body_lines(function) > 40}

    assert not too_long


@pytest.mark.parametrize("name", TEMPLATES)
def test_template_has_at_most_300_lines_written_by_hand(name: str) -> None:
    # docs/adr/0002-budget-of-the-root-template.md says why the root needs more.
    assert _lines_by_hand(TEMPLATES[name]) <= (510 if name == "root" else 300)
