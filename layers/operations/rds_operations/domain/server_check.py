"""Compares what a server shows with what it should."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from rds_operations.domain.server_facts import Expectation, Fact

ABSENT = "not there"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it should be, and what that means."""

    name: str
    expected: str
    actual: str
    meaning: str


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check.

    Args:
        checked: How many things were compared.
        differences: Those that are not as they should be.
        not_shown: Those that this server does not know because it is not RDS's.
    """

    checked: int
    differences: tuple[Difference, ...]
    not_shown: tuple[str, ...]

    def as_response(self) -> dict[str, object]:
        """Return the function's response."""
        differences = [asdict(difference) for difference in self.differences]
        return {"checked": self.checked, "differences": differences, "not_shown": list(self.not_shown)}


def compare(expected: Iterable[Expectation], facts: Mapping[str, Fact]) -> CheckResult:
    """Return what is not as it should be.

    For each name the first of these that holds:

    1. a plain PostgreSQL does not know it: not shown
    2. the server does not show it: a difference
    3. its value is not the wanted one: a difference; it says where a role or a database overrides the server's value
    """
    wanted = tuple(expected)
    not_shown = tuple(each.name for each in wanted if each.only_on_rds and each.name not in facts)
    compared = [each for each in wanted if each.name not in not_shown]
    differences = tuple(_difference(each, facts.get(each.name)) for each in compared if not _holds(each, facts))
    return CheckResult(len(compared), differences, not_shown)


def _holds(expectation: Expectation, facts: Mapping[str, Fact]) -> bool:
    fact = facts.get(expectation.name)
    return fact is not None and expectation.wanted.holds_for(fact.value)


def _difference(expectation: Expectation, fact: Fact | None) -> Difference:
    name, wanted, meaning = expectation.name, expectation.wanted, expectation.meaning
    if fact is None:
        return Difference(name, str(wanted), ABSENT, meaning)
    if fact.hides_the_servers:
        meaning += f" The checking session has it from its {fact.source}; the server's own value is hidden."
    return Difference(name, fact.in_its_unit(wanted), fact.in_its_unit(fact.value), meaning)
