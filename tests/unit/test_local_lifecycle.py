"""`make up` again: what it takes away is said before it is gone."""

from collections.abc import Callable
from pathlib import Path

import pytest

from local.checkout import Checkout
from local.lifecycle import Lifecycle
from local.postgres.cluster import Cluster

LOSS = "Local AWS had ended: the database is made anew, and its data are gone"


@pytest.fixture
def happened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is said and done, in order; no database is started."""
    happened: list[str] = []

    def note(what: str) -> Callable[..., None]:
        return lambda *_: happened.append(what)

    monkeypatch.setattr(Cluster, "down", note("cleared"))
    monkeypatch.setattr(Cluster, "up", note("created"))
    return happened


def test_loss_of_the_data_is_said_before_the_database_is_cleared(tmp_path: Path, happened: list[str]) -> None:
    checkout = Checkout(tmp_path)
    checkout.local.mkdir()
    checkout.environment_file.touch()

    Lifecycle(checkout, happened.append).start_database()

    assert happened == [LOSS, "cleared", "created"]


def test_first_up_speaks_of_no_loss(tmp_path: Path, happened: list[str]) -> None:
    Lifecycle(Checkout(tmp_path), happened.append).start_database()

    assert happened == ["cleared", "created"]
