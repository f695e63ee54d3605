"""What a phase of a load measured, as numbers. Knows no database and no clock."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean, quantiles

from local.reports.attempts import Attempt, Slice, slices

HISTORY, TRANSLATION, EVENT = "history", "translation", "event"
MIX: Mapping[str, int] = {HISTORY: 70, TRANSLATION: 15, EVENT: 15}
"""LangPont's transactions and their shares in per cent: most requests show what was translated before."""

WRITES = frozenset({TRANSLATION, EVENT})
_SHOWN_SPANS = 120
_LEAST_SPAN_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Transaction:
    """One transaction.

    Args:
        kind: Which of the mix.
        began: When it was due, in Unix time: how late a client comes to it counts as its time.
        ended: When it was over.
        error: What became of it instead; empty where it succeeded.
        mark: What its row can be found by, where it has one.
    """

    kind: str
    began: float
    ended: float
    error: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Round:
    """A stretch of load without a pause.

    Args:
        transactions: Every transaction.
        began: When it began, in Unix time.
        connections: The most connections of the application that each server had, by the server's part.
        troubles: What went wrong beside the transactions, e.g. a client that gave up.
    """

    transactions: Sequence[Transaction]
    began: float
    connections: Mapping[str, int] = field(default_factory=dict)
    troubles: Sequence[str] = ()

    @property
    def seconds(self) -> float:
        """How long it took until the last answer."""
        return max((one.ended for one in self.transactions), default=self.began) - self.began

    @property
    def due_seconds(self) -> float:
        """How long it took until the last transaction was due."""
        return max((one.began for one in self.transactions), default=self.began) - self.began


@dataclass(frozen=True, slots=True)
class Figures:
    """A phase in numbers; times of successes only, None where there were none.

    Args:
        transactions: How many succeeded.
        seconds: In how long.
        due: Transactions that were due a second: at random distances, it is never the very rate that was asked for.
        throughput: Successes a second, until the last answer; below `due` where answers fall behind.
        mean_ms: How long one took on average, from the moment it was due.
        p50_ms, p95_ms, p99_ms: What 50, 95 and 99 per cent stayed below.
        errors: What did not succeed, by kind.
        connections: The most connections of the application that each server had.
    """

    transactions: int
    seconds: float
    due: float
    throughput: float
    mean_ms: float | None
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    errors: Mapping[str, int]
    connections: Mapping[str, int]

    @property
    def error_count(self) -> int:
        """How many did not succeed."""
        return sum(self.errors.values())


@dataclass(frozen=True, slots=True)
class Phase:
    """One way of loading the database.

    Args:
        name: Its key in the report for machines.
        title: What it is, for people.
        clients: How many clients at a time.
        offered: How many transactions a second they were to begin.
        rounds: Its stretches, with those of other phases between.
    """

    name: str
    title: str
    clients: int
    offered: float
    rounds: tuple[Round, ...]

    @property
    def figures(self) -> Figures:
        """The numbers of all rounds together."""
        every = [one for each in self.rounds for one in each.transactions]
        took = sorted((one.ended - one.began) * 1000 for one in every if not one.error)
        seconds, due_seconds = (sum(getattr(each, name) for each in self.rounds) for name in ("seconds", "due_seconds"))
        cuts = quantiles(took, n=100, method="inclusive") if len(took) > 1 else took * 99
        p50, p95, p99 = (round(cuts[place - 1], 3) if cuts else None for place in (50, 95, 99))
        errors = Counter(one.error for one in every if one.error)
        errors.update(trouble for each in self.rounds for trouble in each.troubles)
        servers = {server for each in self.rounds for server in each.connections}
        return Figures(
            transactions=len(took),
            seconds=round(seconds, 3),
            due=round(len(every) / due_seconds, 1) if due_seconds else 0.0,
            throughput=round(len(took) / seconds, 1) if seconds else 0.0,
            mean_ms=round(fmean(took), 3) if took else None,
            p50_ms=p50,
            p95_ms=p95,
            p99_ms=p99,
            errors=dict(errors),
            connections={server: max(each.connections.get(server, 0) for each in self.rounds) for server in servers},
        )

    def course(self) -> tuple[tuple[Slice, ...], dict[str, float]]:
        """Return the rounds one after the other in short spans, and where each further round begins."""
        attempts: list[Attempt] = []
        begins, marks = 0.0, {}
        for number, each in enumerate(self.rounds, start=1):
            shift = begins - each.began
            attempts += [
                Attempt((number, place), one.began + shift, one.ended + shift, not one.error)
                for place, one in enumerate(each.transactions)
            ]
            if number > 1:
                marks[f"round {number}"] = begins
            begins += each.seconds
        return slices(attempts, 0.0, max(round(begins / _SHOWN_SPANS, 1), _LEAST_SPAN_SECONDS)), marks
