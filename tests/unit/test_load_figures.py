"""The numbers of a load come from every transaction: rates, times, errors, connections, and spans for the charts."""

from dataclasses import replace

import pytest

from local.load.figures import MIX, Phase, Round, Transaction
from tests.loads import BEGAN, a_phase, a_round


def test_throughput_and_times_are_those_of_the_successes() -> None:
    found = a_phase("any", a_round(500, seconds=2, took_ms=4)).figures

    assert found.throughput == pytest.approx(500)
    assert found.mean_ms == pytest.approx(4, abs=0.01)
    assert (found.transactions, found.error_count) == (1000, 0)


def test_percentiles_are_those_of_the_slowest_shares() -> None:
    transactions = [Transaction("history", BEGAN, BEGAN + number / 1000) for number in range(1, 101)]

    found = a_phase("any", Round(transactions, BEGAN)).figures

    assert (found.p50_ms, found.p95_ms, found.p99_ms) == pytest.approx((50.5, 95.05, 99.01), abs=0.01)


def test_errors_are_counted_by_kind_and_take_no_part_in_times() -> None:
    loaded = a_round(100, errors=("announced ConnectionLostError", "announced ConnectionLostError"))

    found = a_phase("any", replace(loaded, troubles=("client n aborted",))).figures

    assert found.errors == {"announced ConnectionLostError": 2, "client n aborted": 1}
    assert found.transactions == 198


def test_rounds_count_together_without_the_time_between_them() -> None:
    later = a_round(100, seconds=1)
    moved = [replace(one, began=one.began + 500, ended=one.ended + 500) for one in later.transactions]

    found = Phase("any", "any", 1, 100, (a_round(100, seconds=1), Round(moved, BEGAN + 500, {"primary": 30}))).figures

    assert found.seconds == pytest.approx(2)
    assert found.throughput == pytest.approx(100)
    assert found.connections == {"primary": 30, "replica": 5}


def test_spans_put_rounds_one_after_the_other_with_a_mark_between() -> None:
    spans, marks = Phase("any", "any", 1, 100, (a_round(100, seconds=1), a_round(100, seconds=1))).course()

    assert marks == {"round 2": pytest.approx(1)}
    assert sum(span.acknowledged for span in spans) == 200
    assert spans[-1].at == pytest.approx(2, abs=0.11)


def test_round_without_a_transaction_has_no_times() -> None:
    found = a_phase("any", Round([], BEGAN)).figures

    assert (found.throughput, found.mean_ms, found.p99_ms) == (0, None, None)


def test_shares_of_the_mix_are_per_cent() -> None:
    assert sum(MIX.values()) == 100
