"""Commands in a text of few columns, so that they can still be pasted as they are."""

import re
from collections.abc import Iterator

# What a shell takes for one piece, quotes and all; then the blanks.
_PIECE = re.compile(r"""(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\])+|\s+|.""", re.DOTALL)
_STEP = "  "


def folded(command: str, *, indent: str, columns: int) -> Iterator[str]:
    """Yield a command's lines, each but the last ending in a backslash, which a shell reads as one command.

    It is folded before options only: what is longer by itself keeps its line, and what is no command of `aws` or `psql`
    stays whole.

    Args:
        command: One line.
        indent: Blanks before every line.
        columns: The longest that a line should be.
    """
    if len(indent) + len(command) <= columns or not command.startswith(("aws ", "psql ")):
        yield indent + command
        return
    line, *parts = _with_their_values(command)
    line = indent + line
    for part in parts:
        if len(line) + len(part) + len(" \\ ") > columns:
            yield line + " \\"
            line = f"{indent}{_STEP}{part}"
        else:
            line += f" {part}"
    yield line


def _with_their_values(command: str) -> list[str]:
    """Return the command up to its first option, then each option with what follows it."""
    parts: list[str] = [""]
    for piece in _PIECE.findall(command):
        if piece.startswith("-") and parts[-1].endswith(" "):
            parts.append("")
        parts[-1] += piece
    return [part.strip(" ") for part in parts]
