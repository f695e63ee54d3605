"""Makes the table of docs/security.md about checks of checkov that are skipped, everywhere or for a resource."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from generators import templates
from generators.errors import TableError
from generators.markdown import table
from generators.pieces import Piece, Region

PATH = "docs/security.md"
CONFIGURATION = ".checkov.yaml"
EVERYWHERE = "everything"

_BEGIN = "skip-check:"


def generate(root: Path) -> Iterable[Piece]:
    """Return the table.

    Raises:
        TableError: a skipped check has no reason beside it.
    """
    rows = [(f"`{check}`", where, reason) for check, where, reason in skips(root)]
    return [Region(PATH, "skipped checks", ("", *table(("check", "skipped for", "reason"), rows).split("\n")))]


def skips(root: Path) -> Iterator[tuple[str, str, str]]:
    """Yield check, where it is skipped, and why.

    Raises:
        TableError: a reason is missing.
    """
    yield from _everywhere((root / CONFIGURATION).read_text(encoding="utf-8"))
    for name in templates.template_paths(root):
        for logical_id, resource in templates.source(root, name)["Resources"].items():
            skipped = resource.get("Metadata", {}).get("checkov", {}).get("skip", [])
            yield from (_explained(f"`{name}.{logical_id}`", skip["id"], skip.get("comment", "")) for skip in skipped)


def _everywhere(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield the checks of the list; the reason of each is the comment above it."""
    reason: list[str] = []
    for line in text.partition(_BEGIN)[2].splitlines():
        mark, _, words = line.strip().partition(" ")
        if mark == "#":
            reason.append(words)
        if mark == "-":
            yield _explained(EVERYWHERE, words, " ".join(reason))
            reason = []


def _explained(where: str, check: str, reason: str) -> tuple[str, str, str]:
    if not reason:
        raise TableError(f"{where}: {check} is skipped without a comment, allowed: a reason beside it")
    return check, where, reason
