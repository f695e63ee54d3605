"""A connection that its server ended while nobody used it is not handed out, although few are asked beforehand."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text

from langpont_db import AsyncDatabase, Database, Event, liveness
from langpont_db.liveness import Answers
from local.postgres.cluster import Cluster
from local.postgres.node import Node
from local.postgres.topology import Role
from local.waiting import wait_until
from tests.integration.application import DEADLINE_SECONDS, reads_from_replica, variables_of
from tests.integration.clusters import connect

PID = text("SELECT pg_backend_pid()")
TERMINATE = "SELECT pg_terminate_backend(%s, 5000)"


@pytest.fixture(autouse=True)
def _asked_by_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(liveness, "TRUST_SECONDS", 60)


def _end(node: Node, pid: int | None) -> None:
    with node.connect() as superuser:
        superuser.execute(TERMINATE, [pid])


def test_writer_that_was_ended_while_it_was_idle_is_replaced(cluster: Cluster, database: Database) -> None:
    with database.get_write_session() as session:
        pid = session.scalar(PID)
    _end(cluster.members.node(Role.PRIMARY), pid)

    with database.get_write_session() as session:
        assert session.scalar(PID) != pid
    assert Event.POOL_DROPPED not in database.events.counts


def test_reader_that_was_ended_while_it_was_idle_is_replaced(cluster: Cluster, database: Database) -> None:
    with database.get_read_session() as session:
        pid = session.scalar(PID)
    _end(cluster.members.node(Role.REPLICA), pid)

    assert reads_from_replica(database)
    assert Event.READ_REPEATED not in database.events.counts


def test_writer_of_a_task_that_was_ended_while_it_was_idle_is_replaced(cluster: Cluster) -> None:
    async def pids() -> tuple[int | None, int | None]:
        database = AsyncDatabase.from_env(variables_of(cluster))
        try:
            async with database.get_write_session() as session:
                before = await session.scalar(PID)
            _end(cluster.members.node(Role.PRIMARY), before)
            async with database.get_write_session() as session:
                return before, await session.scalar(PID)
        finally:
            await database.close()

    before, after = asyncio.run(pids())

    assert after not in (None, before)


def test_connection_that_nobody_used_is_no_answer(database: Database) -> None:
    engine: Any = database.get_write_session().get_bind()
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert connection.scalar(PID)
    engine.dialect.answers = Answers()

    with engine.connect() as connection:
        assert connection.connection.driver_connection is driver

    assert not engine.dialect.answers.are_recent(driver)


def _listening_writer(database: Database, heard: list[str]) -> int:
    with database.get_write_session() as session:
        driver: Any = session.connection().connection.driver_connection
        driver.add_notify_handler(lambda notification: heard.append(notification.payload))
        session.execute(text("LISTEN news"))
        return int(session.execute(PID).scalar_one())


def _notify(cluster: Cluster) -> None:
    with connect(cluster) as admin:
        admin.execute("SELECT pg_notify('news', 'here')")


def test_notification_to_an_idle_connection_reaches_its_handler(cluster: Cluster, database: Database) -> None:
    heard: list[str] = []
    pid = _listening_writer(database, heard)
    _notify(cluster)

    def is_heard() -> bool:
        with database.get_write_session() as session:
            return session.scalar(PID) == pid and heard == ["here"]

    wait_until("the notification", is_heard, deadline_seconds=DEADLINE_SECONDS)


def test_end_behind_notifications_is_found(cluster: Cluster, database: Database) -> None:
    heard: list[str] = []
    pid = _listening_writer(database, heard)
    for _ in range(3):
        _notify(cluster)
    _end(cluster.members.node(Role.PRIMARY), pid)

    with database.get_write_session() as session:
        assert session.scalar(PID) != pid
