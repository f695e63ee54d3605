"""A lost primary is failed over unasked, with RDS's events, only while somebody wants it watched."""

import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from ministack.services import rds

from local.aws.gaps import rds_watch
from local.aws.gaps.rds_watch import UNASKED, watch_once
from local.errors import LocalError
from local.postgres.failover import Failover
from local.postgres.watch import is_watch_wanted, watch_wanted

if TYPE_CHECKING:
    from local.postgres.cluster import Cluster

INSTANCE = "langpont-prod-db"


class World:
    """A cluster that is in sync, and what was done to it."""

    def __init__(self, folder: Path) -> None:
        self.folders = SimpleNamespace(watch=folder / "primary-watch")
        self.in_sync, self.lost, self.has_standby = True, True, True
        self.done: list[str] = []

    def is_in_sync(self) -> bool:
        return self.in_sync

    def fence(self) -> bool:
        self.done.append("asked to fence")
        return self.has_standby

    def fail_over(self, reason: str) -> bool:
        self.done.append(reason)
        return True


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    world = World(tmp_path)
    monkeypatch.setattr(rds_watch, "wait_until_lost", lambda _cluster, is_wanted: is_wanted() and world.lost)
    monkeypatch.setattr(rds_watch, "fence_primary", lambda _cluster: world.fence())
    monkeypatch.setattr(
        rds_watch, "fail_over_and_restore", lambda _instance, _cluster, reason: world.fail_over(reason.message)
    )
    monkeypatch.setattr(rds_watch, "show_zones", lambda _instance: None)
    rds._instances[INSTANCE] = {"DBInstanceIdentifier": INSTANCE}
    yield world
    rds._instances.pop(INSTANCE, None)


def _watch(world: World) -> None:
    watch_once(INSTANCE, cast("Cluster", world))


def test_lost_primary_is_fenced_and_failed_over_with_a_reason_of_rds(world: World) -> None:
    with watch_wanted(world.folders.watch):
        _watch(world)

    assert world.done == ["asked to fence", UNASKED.message]


@pytest.mark.parametrize(
    ("change", "done"),
    [({"in_sync": False}, []), ({"lost": False}, []), ({"has_standby": False}, ["asked to fence"])],
    ids=["no standby in sync", "not lost", "standby went away"],
)
def test_what_cannot_take_over_is_left_alone(world: World, change: dict[str, bool], done: list[str]) -> None:
    vars(world).update(change)

    with watch_wanted(world.folders.watch):
        _watch(world)

    assert world.done == done


def test_nothing_is_watched_while_nobody_wants_it(world: World) -> None:
    _watch(world)

    assert world.done == []


def test_nothing_is_watched_before_there_is_an_instance(world: World) -> None:
    del rds._instances[INSTANCE]

    with watch_wanted(world.folders.watch):
        _watch(world)

    assert world.done == []


def test_wish_ends_with_its_block_and_with_its_process(tmp_path: Path) -> None:
    file = tmp_path / "primary-watch"
    with watch_wanted(file):
        while_wanted = is_watch_wanted(file)
    afterwards = is_watch_wanted(file)
    file.write_text(str(2**22 + os.getpid()), encoding="ascii")  # beyond the largest pid there can be

    assert (while_wanted, afterwards, is_watch_wanted(file)) == (True, False, False)


def test_failover_that_was_never_is_none_and_a_damaged_one_is_named(tmp_path: Path) -> None:
    file = tmp_path / "last-failover.json"
    never: Any = Failover.read(file)
    file.write_text('{"old_primary": "node_1"}', encoding="utf-8")

    assert never is None
    with pytest.raises(LocalError, match="is damaged"):
        Failover.read(file)
