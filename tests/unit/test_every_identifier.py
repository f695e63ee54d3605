"""Every identifier that alerts has a sample event, and reads well: written out in tests/golden/identifiers.txt."""

from pathlib import Path

import pytest

from rds_operations.domain.alert_texts import COLUMNS, email_text, subject
from rds_operations.domain.rds_event_table import ALERTED
from rds_operations.runtime.events.rds_event import parse_rds_event
from tests.rds_event_world import RdsEventWorld, probing
from tests.samples import sample, sample_names
from tests.screens import LABELS, screen

GOLDEN = Path(__file__).parents[1] / "golden/identifiers.txt"
NAMES = {identifier: f"identifier_{identifier[-4:]}" for identifier in sorted(ALERTED)}

each = pytest.mark.parametrize("identifier", NAMES)


def told(identifier: str) -> RdsEventWorld:
    """Return the world in which the sample of an identifier was told."""
    world = RdsEventWorld(probe=probing(), follow_ups=None)
    world.react(NAMES[identifier])
    return world


def test_every_identifier_that_alerts_has_a_sample_and_no_other() -> None:
    found = {name for name in sample_names("react_to_rds_event") if name.startswith("identifier_")}

    assert found == set(NAMES.values())


@each
def test_sample_is_of_its_identifier_and_category(identifier: str) -> None:
    event = parse_rds_event(sample("react_to_rds_event", NAMES[identifier]))

    assert (event.identifier, event.categories) == (identifier, (ALERTED[identifier].category,))


@each
def test_mail_of_every_identifier_fits_its_columns_and_the_first_screen(identifier: str) -> None:
    [alert] = told(identifier).topic.published

    too_long = [line for line in email_text(alert).splitlines() if len(line) > COLUMNS]
    assert all(line.startswith("  https://") for line in too_long)
    assert all(label in screen(alert) for label in LABELS)


def test_subjects_of_all_identifiers_read_as_agreed() -> None:
    lines = [f"{identifier[-4:]}  {subject(told(identifier).topic.published[0])}" for identifier in NAMES]

    expected = GOLDEN.read_text(encoding="utf-8").splitlines() if GOLDEN.exists() else []

    assert lines == expected, f"read what is new, then write it to {GOLDEN}:\n" + "\n".join(lines)
