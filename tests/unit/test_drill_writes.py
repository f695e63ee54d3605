"""The arithmetic of a drill: what was acknowledged, lost or left in doubt, and how long nothing was taken."""

from hypothesis import given
from hypothesis import strategies as st

from local.drill.writes import WriteAccount, account, first_acknowledged, longest_silence
from local.reports.attempts import Attempt, slices

ACKNOWLEDGED, UNKNOWN = True, False
KEYS = st.tuples(st.integers(0, 3), st.integers(0, 50))


def _attempt(number: int, ended: float, *, acknowledged: bool = ACKNOWLEDGED, took: float = 0.002) -> Attempt:
    return Attempt((0, number), ended - took, ended, acknowledged)


def test_every_write_is_counted_by_what_was_said_and_what_is_there() -> None:
    attempts = [
        _attempt(1, 1.0),
        _attempt(2, 2.0),
        _attempt(3, 3.0, acknowledged=UNKNOWN),
        _attempt(4, 4.0, acknowledged=UNKNOWN),
    ]

    found = account(attempts, {(0, 1), (0, 3)})

    assert found == WriteAccount(acknowledged=2, lost=1, in_doubt_present=1, in_doubt_absent=1)
    assert found.in_doubt == 2


def test_write_without_an_answer_is_never_counted_as_lost() -> None:
    assert account([_attempt(1, 1.0, acknowledged=UNKNOWN)], set()).lost == 0


@given(st.dictionaries(KEYS, st.booleans()), st.sets(KEYS))
def test_account_adds_up_whatever_is_there(said: dict[tuple[int, int], bool], present: set[tuple[int, int]]) -> None:
    found = account([Attempt(key, 0.0, 1.0, said[key]) for key in said], present)

    assert found.acknowledged + found.in_doubt == len(said)
    assert found.lost == len({key for key, acknowledged in said.items() if acknowledged} - present)


def test_first_write_is_the_first_that_was_acknowledged_after_the_moment() -> None:
    attempts = [_attempt(1, 9.0), _attempt(2, 10.5, acknowledged=UNKNOWN), _attempt(3, 12.0), _attempt(4, 11.0)]

    assert first_acknowledged(attempts, after=10.0) == 11.0


def test_without_a_write_after_the_moment_there_is_no_first() -> None:
    assert first_acknowledged([_attempt(1, 9.0)], after=10.0) is None


def test_silence_counts_over_all_writers_and_only_acknowledgements() -> None:
    attempts = [_attempt(1, 1.0), _attempt(2, 4.0), _attempt(3, 2.0, acknowledged=UNKNOWN), _attempt(4, 4.5)]

    assert longest_silence(attempts) == 3.0
    assert longest_silence([]) == 0.0


def test_spans_without_a_write_are_kept_so_that_a_chart_shows_the_gap() -> None:
    found = slices([_attempt(1, 9.5), _attempt(2, 12.5), _attempt(3, 12.6, acknowledged=UNKNOWN)], zero=10.0, width=1.0)

    assert [(piece.at, piece.acknowledged, piece.failed) for piece in found] == [
        (-1.0, 1, 0),
        (0.0, 0, 0),
        (1.0, 0, 0),
        (2.0, 1, 1),
    ]
    assert found[1].median_ms is None


def test_span_tells_the_median_and_the_slowest_of_its_successes() -> None:
    attempts = [_attempt(n, 0.5, took=took) for n, took in enumerate((0.001, 0.002, 0.009))]

    (piece,) = slices(attempts, zero=0.0, width=1.0)

    assert (piece.median_ms, piece.slowest_ms) == (2.0, 9.0)


@given(st.lists(st.floats(-30, 30), max_size=40), st.sampled_from([0.05, 1.0]))
def test_no_write_falls_between_two_spans(moments: list[float], width: float) -> None:
    found = slices([_attempt(n, at) for n, at in enumerate(moments)], zero=0.0, width=width)

    assert sum(piece.acknowledged for piece in found) == len(moments)
