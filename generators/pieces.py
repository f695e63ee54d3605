"""What generators make: whole documents, and regions of files that are written by hand otherwise."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from generators.errors import RegionError

_BEGIN, _END = "generated: ", "end of generated: "
# In YAML and Makefiles, and in Markdown.
_COMMENTS = ("# {}", "<!-- {} -->")


@dataclass(frozen=True, slots=True)
class Document:
    """A file that is generated as a whole.

    Args:
        path: Where it is, from the root of the checkout.
        text: What it holds.
    """

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Region:
    """The lines between the comments `generated: <name>` and `end of generated: <name>`, indented like the first.

    Args:
        path: The file, from the root of the checkout.
        name: What the markers name.
        lines: The lines, without the markers' indentation.
    """

    path: str
    name: str
    lines: tuple[str, ...]

    def put_into(self, text: str) -> str:
        """Return the text with the region's lines in place of what stands between the markers.

        Raises:
            RegionError: one of the markers is missing, stands twice, or the end stands before the beginning.
        """
        lines = text.splitlines()
        begin, end = self._line(lines, _BEGIN), self._line(lines, _END)
        if end < begin:
            raise RegionError(f"{self.path}: the markers of {self.name} are in the wrong order")
        indent = lines[begin][: len(lines[begin]) - len(lines[begin].lstrip())]
        made = [f"{indent}{line}" if line else "" for line in self.lines]
        return "\n".join([*lines[: begin + 1], *made, *lines[end:]]) + "\n"

    def _line(self, lines: list[str], marker: str) -> int:
        wanted = [comment.format(marker + self.name) for comment in _COMMENTS]
        found = [number for number, line in enumerate(lines) if line.strip() in wanted]
        if len(found) != 1:
            raise RegionError(f"{self.path}: the comment {wanted[0]!r} is there {len(found)} times, allowed: once")
        return found[0]


type Piece = Document | Region


def texts(root: Path, pieces: Iterable[Piece]) -> Mapping[str, str]:
    """Return what every file should hold, by path; regions of one file are put in one after another.

    Raises:
        RegionError: a file has not the markers of a region.
    """
    wanted: dict[str, str] = {}
    for piece in pieces:
        match piece:
            case Document(path, text):
                wanted[path] = text
            case Region(path):
                wanted[path] = piece.put_into(wanted.get(path) or (root / path).read_text(encoding="utf-8"))
    return wanted


def stale(root: Path, wanted: Mapping[str, str]) -> list[str]:
    """Return the paths of files that do not hold what they should."""
    return [path for path, text in wanted.items() if _held(root / path) != text]


def _held(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None
