"""Writes YAML the way the templates are written by hand: short things in flow style, sentences folded."""

import textwrap
from collections.abc import Iterable, Iterator, Mapping

COLUMNS = 120


def number(value: float) -> str:
    """Return a number as YAML has it, a whole one without a point."""
    return f"{int(value)}" if float(value).is_integer() else f"{value!r}"


def quoted(text: str) -> str:
    """Return a text in single quotes."""
    return "'" + text.replace("'", "''") + "'"


def substituted(text: str) -> str:
    """Return a text whose `${…}` CloudFormation fills in; without any it stays a plain text."""
    return f"!Sub {quoted(text)}" if "${" in text else quoted(text)


def flow(values: Mapping[str, str]) -> str:
    """Return a mapping of YAML texts in one line."""
    return "{ " + ", ".join(f"{key}: {value}" for key, value in values.items()) + " }"


def folded(key: str, text: str, indent: int, *, tag: str = "") -> Iterator[str]:
    """Yield a sentence over several lines, which YAML folds into one again.

    Args:
        key: The key that it belongs to.
        text: The sentence.
        indent: Columns before the key.
        tag: Such as `!Sub`.
    """
    yield f"{' ' * indent}{key}: {tag + ' ' if tag else ''}>-"
    yield from _wrapped(text, " " * (indent + 2))


def comment(text: str, indent: int) -> Iterator[str]:
    """Yield a comment over as many lines as it needs."""
    yield from _wrapped(text, f"{' ' * indent}# ")


def listed(
    items: Iterable[str],
    before: str,
    after: str,
    indent: int,
    *,
    narrower: int = 0,
    brackets: tuple[str, str] = ("[", "]"),
) -> Iterator[str]:
    """Yield a flow collection that is wrapped between its items.

    Args:
        items: Its YAML texts.
        before: What stands before the opening bracket.
        after: What stands after the closing one.
        indent: Columns before all lines.
        narrower: Columns that are added later.
        brackets: The opening and the closing one.
    """
    lead = " " * indent + before + brackets[0]
    line, room = lead, COLUMNS - narrower
    *others, last = items
    for text in (*(f"{item}," for item in others), last + brackets[1] + after):
        if len(line) + 1 + len(text) > room and line != lead:
            yield line
            line = " " * len(lead) + text
        else:
            line += text if line == lead else f" {text}"
    yield line


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(
        text, COLUMNS, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
