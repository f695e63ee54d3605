"""What travels with a user: positions, tokens, and the scope that keeps them."""

from contextvars import ContextVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langpont_db import ConfigurationError
from langpont_db.cluster_view import ClusterView, Mark, PrimaryView
from langpont_db.positions import Position, end_of_records, parse_lsn, timeline_of
from langpont_db.requests import Request
from langpont_db.tokens import Claim, TokenSigner

KEY = "a key of the tests"
VIEW = ClusterView(PrimaryView(is_up=True, timeline=2, system=7, oldest=50, history=(Mark(500, 50, 100.0),)))
CLAIM = Claim(system=7713604491289766938, position=Position(timeline=3, lsn=88_137_728))
claims = st.builds(
    Claim, st.integers(0, 2**64 - 1), st.builds(Position, st.integers(1, 2**32 - 1), st.integers(0, 2**64 - 1))
)
positions = st.builds(Position, st.integers(1, 9), st.integers(0, 99))


def _request(current: "ContextVar[Request | None] | None" = None) -> Request:
    return Request(current or ContextVar("test", default=None), TokenSigner(KEY), lambda: VIEW)


@given(claims)
def test_token_says_what_was_claimed(claim: Claim) -> None:
    assert TokenSigner(KEY).read(TokenSigner(KEY).sign(claim)) == claim


@given(st.text(max_size=100))
def test_whatever_a_browser_sends_is_no_claim(token: str) -> None:
    assert TokenSigner(KEY).read(token) is None


@pytest.mark.parametrize("index", range(0, 70, 7))
def test_token_that_was_tampered_with_is_no_claim(index: int) -> None:
    token = TokenSigner(KEY).sign(CLAIM)
    other = "0" if token[index] != "0" else "1"

    assert TokenSigner(KEY).read(token[:index] + other + token[index + 1 :]) is None


def test_token_of_another_key_is_no_claim() -> None:
    assert TokenSigner("another key").read(TokenSigner(KEY).sign(CLAIM)) is None


def test_without_a_key_each_signer_believes_itself_alone() -> None:
    first, second = TokenSigner(None), TokenSigner(None)

    assert first.read(first.sign(CLAIM)) == CLAIM
    assert second.read(first.sign(CLAIM)) is None


def test_token_fits_into_cookies_and_headers() -> None:
    token = TokenSigner(KEY).sign(CLAIM)

    assert len(token) < 100
    assert set(token) <= set("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-._")


def test_lsn_is_a_number_of_bytes() -> None:
    assert [parse_lsn(text) for text in ("0/0", "0/50299C0", "2/1")] == [0, 0x50299C0, 2 * 2**32 + 1]


@pytest.mark.parametrize(("lsn", "end"), [(8192 + 24, 8192), (16_777_216 + 40, 16_777_216), (8192 + 32, 8192 + 32)])
def test_place_behind_a_page_header_is_the_end_of_the_page_before(lsn: int, end: int) -> None:
    assert end_of_records(lsn) == end


def test_timeline_is_in_the_name_of_a_file() -> None:
    assert timeline_of("0000000A0000000000000005") == 10


@given(positions, positions)
def test_both_positions_are_reached_where_the_later_one_is(first: Position, second: Position) -> None:
    both = first.and_after(second)

    assert both == second.and_after(first)
    assert (both.timeline, both.lsn) >= (first.timeline, first.lsn)
    assert both.lsn == max(first.lsn, second.lsn)


def test_request_remembers_the_furthest_write() -> None:
    request = _request()
    assert request.token is None

    for lsn in (5, 9, 7):
        request.note(Position(1, lsn))

    assert request.required == Position(1, 9)
    assert TokenSigner(KEY).read(str(request.token)) == Claim(7, Position(1, 9))


def test_after_an_unknown_commit_only_the_primary_is_sure_to_have_it() -> None:
    request = _request()

    request.lose_track(now=99.0)

    assert not request.is_verified
    assert TokenSigner(KEY).read(str(request.token)) == Claim(7, Position(2, 500))


def test_token_after_an_unknown_commit_verifies_nowhere_until_the_primary_is_seen() -> None:
    request = _request()

    request.lose_track(now=101.0)

    assert request.token is not None
    assert TokenSigner(KEY).read(request.token) is None


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=8), st.integers(0, 9))
def test_token_after_an_unknown_commit_waits_for_all_that_was_under_way(
    steps: list[tuple[int, int]], lost_at: int
) -> None:
    marks, lsn, transaction = [], 100, 10
    for number, (bytes_written, begun) in enumerate(steps):
        lsn, transaction = lsn + bytes_written, transaction + begun
        marks.append(Mark(lsn, transaction, number + 0.5))
    later = [mark for mark in marks if mark.asked_at > lost_at]

    for oldest in range(10, transaction + 1):
        end = PrimaryView(is_up=True, timeline=1, oldest=oldest, history=tuple(marks)).end_after(lost_at)

        assert end == (lsn if later and oldest >= later[0].transaction else None)


def test_request_is_in_force_inside_its_with_and_the_outer_one_after_it() -> None:
    current: ContextVar[Request | None] = ContextVar("test", default=None)

    with _request(current) as outer:
        with _request(current) as inner:
            assert current.get() is inner
        assert current.get() is outer
    assert current.get() is None


def test_request_that_is_entered_twice_is_refused() -> None:
    request = _request()

    with request, pytest.raises(ConfigurationError, match="entered twice"):
        request.__enter__()
