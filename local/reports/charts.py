"""Attempts as SVG: successes and failures over time, their latency, and what happened when. Knows no page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from local.reports.attempts import Slice

WIDTH, LEFT, RIGHT = 960, 72, 12
MARKS_HEIGHT, PLOT_HEIGHT, AXIS_HEIGHT = 98, 120, 24
_LINES_OF_MARKS = 6
_LINE_HEIGHT = 14
_CHARACTER_WIDTH = 6.2
_TICKS = 10
_LARGEST_STEP = 60.0


@dataclass(frozen=True, slots=True)
class _Scale:
    """Seconds to pixels."""

    begins: float
    ends: float

    @classmethod
    def of(cls, slices: Sequence[Slice], moments: Iterable[float]) -> "_Scale":
        shown = [piece.at for piece in slices] or list(moments) or [0.0]
        shown.append(max(shown) + span_of(slices))
        return cls(min(*shown, -0.1), max(*shown, 0.1))

    def x(self, at: float) -> float:
        return LEFT + (at - self.begins) / (self.ends - self.begins) * (WIDTH - LEFT - RIGHT)

    def shows(self, at: float) -> bool:
        return self.begins <= at <= self.ends

    @property
    def step(self) -> float:
        """Return a round distance between two marks of the axis."""
        steps = (base * 10.0**power for power in (-2, -1, 0, 1) for base in (1, 2, 5))
        return next((step for step in steps if (self.ends - self.begins) / step <= _TICKS), _LARGEST_STEP)


@dataclass(frozen=True, slots=True)
class Course:
    """What a chart shows.

    Args:
        title: Of what.
        slices: The attempts in short spans.
        marks: What happened when, in the seconds of the slices.
    """

    title: str
    slices: Sequence[Slice]
    marks: Mapping[str, float] = field(default_factory=dict)


def throughput_chart(course: Course) -> str:
    """Return the chart of what succeeded and what did not, with the events above it."""
    scale = _Scale.of(course.slices, course.marks.values())
    highest = max((piece.acknowledged + piece.failed for piece in course.slices), default=1) or 1
    bars = [bar for piece in course.slices for bar in _bars(piece, scale, highest, _width(course.slices))]
    parts = [*_marks(course.marks, scale), *bars, *_axis(scale, f"{highest} in {span_of(course.slices):g} s", "0")]
    return _svg(parts, f"{course.title}: successes over time", has_marks=bool(course.marks))


def latency_chart(course: Course) -> str:
    """Return the chart of how long the slowest and the median success of each span took, in milliseconds."""
    scale = _Scale.of(course.slices, course.marks.values())
    highest = max((piece.slowest_ms or 0.0 for piece in course.slices), default=1.0) or 1.0
    lines = [
        f'<polyline class="{name}" points="{points}"/>'
        for name, values in (
            ("slowest", [(piece.at, piece.slowest_ms) for piece in course.slices]),
            ("median", [(piece.at, piece.median_ms) for piece in course.slices]),
        )
        for points in _polylines(values, scale, highest)
    ]
    parts = [*_marks(course.marks, scale), *lines, *_axis(scale, f"{highest:.0f} ms", "0")]
    return _svg(parts, f"{course.title}: time of a success", has_marks=bool(course.marks))


def span_of(slices: Sequence[Slice]) -> float:
    """Return how long each of the spans is, in seconds; 0 where there are too few to tell."""
    return round(slices[1].at - slices[0].at, 3) if len(slices) > 1 else 0.0


def _width(slices: Sequence[Slice]) -> float:
    return max((WIDTH - LEFT - RIGHT) / max(len(slices), 1) - 0.5, 1.0)


def _bars(piece: Slice, scale: _Scale, highest: int, width: float) -> Iterable[str]:
    floor = MARKS_HEIGHT + PLOT_HEIGHT
    for name, count, below in (("good", piece.acknowledged, 0), ("bad", piece.failed, piece.acknowledged)):
        if count:
            height, under = (n / highest * PLOT_HEIGHT for n in (count, below))
            top = floor - under - height
            yield (
                f'<rect class="{name}" x="{scale.x(piece.at):.1f}" y="{top:.1f}" '
                f'width="{width:.1f}" height="{height:.1f}"/>'
            )


def _polylines(values: Sequence[tuple[float, float | None]], scale: _Scale, highest: float) -> Iterable[str]:
    """Yield the points of each stretch without a gap: where nothing succeeded there is no time to draw."""
    points: list[str] = []
    for at, value in [*values, (0.0, None)]:
        if value is not None:
            y = MARKS_HEIGHT + PLOT_HEIGHT - value / highest * PLOT_HEIGHT
            points.append(f"{scale.x(at):.1f},{y:.1f}")
        elif points:
            yield " ".join(points)
            points = []


def _marks(marks: Mapping[str, float], scale: _Scale) -> Iterable[str]:
    """Yield each mark with its words on the first line where they stand in nobody's way."""
    free_from = [float("-inf")] * _LINES_OF_MARKS
    for name, at in sorted(marks.items(), key=lambda mark: mark[1]):
        if not scale.shows(at):
            continue
        text, x = f"{name} {at:.2f} s" if at else name, scale.x(at)
        width = len(text) * _CHARACTER_WIDTH
        is_last = x + width > WIDTH - RIGHT
        begins = x - width if is_last else x
        line = next((line for line, end in enumerate(free_from) if end <= begins), free_from.index(min(free_from)))
        free_from[line] = begins + width + _CHARACTER_WIDTH
        yield _mark(text, x, (line + 1) * _LINE_HEIGHT, is_last=is_last)


def _mark(text: str, x: float, y: int, *, is_last: bool) -> str:
    anchor, shift = ("end", -3) if is_last else ("start", 3)
    return (
        f'<line class="mark" x1="{x:.1f}" x2="{x:.1f}" y1="{y - 9}" y2="{MARKS_HEIGHT + PLOT_HEIGHT}"/>\n'
        f'<text class="mark" x="{x + shift:.1f}" y="{y}" text-anchor="{anchor}">{escape(text)}</text>'
    )


def _axis(scale: _Scale, top: str, bottom: str) -> Iterable[str]:
    floor = MARKS_HEIGHT + PLOT_HEIGHT
    yield f'<line class="axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{floor}" y2="{floor}"/>'
    yield f'<text x="{LEFT - 6}" y="{MARKS_HEIGHT + 9}" text-anchor="end">{escape(top)}</text>'
    yield f'<text x="{LEFT - 6}" y="{floor}" text-anchor="end">{escape(bottom)}</text>'
    count = int(scale.ends / scale.step) - int(scale.begins / scale.step) + 1
    for place in range(count):
        at = (int(scale.begins / scale.step) + place) * scale.step
        if scale.shows(at):
            yield f'<text x="{scale.x(at):.1f}" y="{floor + 16}" text-anchor="middle">{at:g} s</text>'


def _svg(parts: Iterable[str], title: str, *, has_marks: bool) -> str:
    top = 0 if has_marks else MARKS_HEIGHT - _LINE_HEIGHT
    height = MARKS_HEIGHT + PLOT_HEIGHT + AXIS_HEIGHT - top
    inner = "\n".join(parts)
    return (
        f'<svg viewBox="0 {top} {WIDTH} {height}" role="img" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title>\n{inner}\n</svg>"
    )
