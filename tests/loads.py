"""Loads as tests need them: made up, with the numbers that matter chosen."""

from dataclasses import replace
from datetime import UTC, datetime

from local.load.figures import MIX, Phase, Round, Transaction
from local.load.ladder import Rung
from local.load.measured import (
    CLIENTS,
    DIRECT,
    DIRECT_CLIENTS,
    FAILOVER,
    PACKAGE,
    PLAIN,
    POOLED,
    RATE,
    LoadReport,
    Outage,
)

BEGAN = 1_800_000_000.0


def a_round(
    throughput: float = 1000.0,
    *,
    seconds: float = 2.0,
    took_ms: float = 2.0,
    errors: tuple[str, ...] = (),
    late_seconds: float = 0.0,
) -> Round:
    """Return a round of transactions at even distances; the first ones fail with the errors, the last one is late."""
    count = round(throughput * seconds)
    kinds = list(MIX)
    transactions = []
    for number in range(count):
        ended = BEGAN + (number + 1) / throughput
        error = errors[number] if number < len(errors) else ""
        transactions.append(Transaction(kinds[number % 3], ended - took_ms / 1000, ended, error))
    transactions[-1] = replace(transactions[-1], ended=transactions[-1].ended + late_seconds)
    return Round(transactions, BEGAN, {"primary": 25, "replica": 5})


def a_phase(name: str, loaded: Round | None = None, *, clients: int = CLIENTS, offered: float = RATE) -> Phase:
    """Return a phase of one round."""
    return Phase(name, f"the phase {name}", clients, offered, (loaded or a_round(),))


def a_report(*changed: Phase, outage: Outage | None = None, package_flat_out: float = 700.0) -> LoadReport:
    """Return a load that met every objective, but for what is given."""
    phases = {
        POOLED: a_phase(POOLED),
        DIRECT: a_phase(DIRECT, clients=DIRECT_CLIENTS),
        PACKAGE: a_phase(PACKAGE, a_round(600), offered=600),
        PLAIN: a_phase(PLAIN, a_round(620), offered=620),
        FAILOVER: a_phase(FAILOVER, a_round(300, errors=("announced TransactionOutcomeUnknown",)), offered=300),
    }
    return LoadReport(
        started_at=datetime(2026, 11, 29, 15, 0, tzinfo=UTC),
        seconds=2.0,
        pgbouncer="1.24",
        phases=phases | {phase.name: phase for phase in changed},
        ladders={PACKAGE: (Rung(900, 610, 300.0, is_held=False), Rung(600, 600, 4.0, is_held=True))},
        flat_out={
            PACKAGE: (package_flat_out, package_flat_out - 10, package_flat_out + 10),
            PLAIN: (730.0, 720.0, 740.0),
        },
        outage=outage or Outage(0.7, 0.8, events=90, lost=0, twice=0),
        lost_at=0.7,
        notes=("Everything is on one machine.",),
    )
