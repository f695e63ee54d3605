"""`python -m generators` writes the generated files; with `--check` it only says which of them are stale."""

import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TextIO

from generators import (
    alarm_catalogue,
    automation_stack,
    checkov_skips,
    configuration,
    controls,
    cost_document,
    monitoring_stack,
    permission_tables,
    root_template,
    service_models,
)
from generators.errors import GeneratorError
from generators.pieces import Piece, stale, texts

ROOT = Path(__file__).parents[1]
GENERATORS: tuple[Callable[[Path], Iterable[Piece]], ...] = (
    monitoring_stack.generate,
    automation_stack.generate,
    root_template.generate,
    alarm_catalogue.generate,
    service_models.generate,
)
# These read the templates, so the others go first.
DOCUMENTS: tuple[Callable[[Path], Iterable[Piece]], ...] = (
    configuration.generate,
    controls.generate,
    checkov_skips.generate,
    permission_tables.generate,
    cost_document.generate,
)
_CHECK = "--check"


def main(arguments: Sequence[str], root: Path = ROOT, out: TextIO = sys.stdout) -> int:
    """Write what is stale, or with `--check` say so; return the exit status.

    Args:
        arguments: Nothing, or `--check`.
        root: The checkout.
        out: Where the result is said.
    """
    if unknown := [argument for argument in arguments if argument != _CHECK]:
        out.write(f"error: {unknown[0]} is no argument, allowed: {_CHECK}\n")
        return 1
    checks, paths = _CHECK in arguments, list[str]()
    try:
        for generators in (GENERATORS, DOCUMENTS):
            paths += _bring_up_to_date(generators, root, only_look=checks)
    except GeneratorError as error:
        out.write(f"error: {error}\n")
        return 1
    if not paths:
        out.write("Everything generated is current\n")
        return 0
    out.write(f"{'Stale' if checks else 'Written'}: {', '.join(paths)}{'; run make generate' if checks else ''}\n")
    return 1 if checks else 0


def _bring_up_to_date(
    generators: Iterable[Callable[[Path], Iterable[Piece]]], root: Path, *, only_look: bool
) -> list[str]:
    """Return the paths of what was stale."""
    wanted = texts(root, [piece for generate in generators for piece in generate(root)])
    paths = stale(root, wanted)
    for path in () if only_look else paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(wanted[path], encoding="utf-8")
    return paths


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
