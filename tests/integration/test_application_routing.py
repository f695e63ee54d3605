"""Each statement goes where it belongs."""

import re
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Identity, Integer, Select, cast, func, literal_column, select, text, union
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from langpont_db import ConfigurationError, Database, liveness
from local.postgres.cluster import Cluster
from rds_operations.domain.database_roles import READONLY_ROLE
from tests.integration.application import (
    INSERT,
    PLACE,
    reads_from_replica,
    url_of,
    variables_of,
    wait_for_replica,
    write_note,
)
from tests.integration.clusters import connect

IN_RECOVERY = select(func.pg_is_in_recovery())
LOCK = func.pg_try_advisory_xact_lock(1)


class Base(DeclarativeBase):
    """The tables of this test."""


class Note(Base):
    """A note of the tests."""

    __tablename__ = "application_notes"
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    author: Mapped[str]


def test_write_session_is_on_the_primary_and_commits_when_it_is_left(database: Database) -> None:
    with database.get_write_session() as session:
        assert session.scalar(PLACE) is False
        session.add(Note(author="left"))

    with database.get_write_session() as session:
        assert session.scalar(select(func.count()).where(Note.author == "left")) == 1


def test_write_session_that_raised_is_rolled_back(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.get_write_session() as session:
        session.add(Note(author=str(1 / 0)))

    with database.get_write_session() as session:
        assert session.scalars(select(Note)).all() == []


def test_sessions_work_without_a_with(database: Database) -> None:
    session = database.get_write_session()
    session.add(Note(author="direct"))
    session.commit()
    session.close()

    reader = database.get_read_session()
    assert reader.scalar(PLACE) is True
    reader.close()


@pytest.mark.parametrize("is_on_replica", [True, False])
def test_read_session_cannot_write_wherever_it_is(database: Database, *, is_on_replica: bool) -> None:
    with database.request() as request:
        request.is_verified = is_on_replica
        with database.get_read_session() as session:
            assert session.scalar(PLACE) is is_on_replica
            with pytest.raises(DBAPIError, match="read-only transaction"):
                session.execute(INSERT, {"author": "reader"})


def test_routing_session_reads_on_a_replica_and_writes_on_the_primary(database: Database) -> None:
    with database.get_session() as session:
        assert session.scalar(IN_RECOVERY) is True
        session.add(Note(author="routed"))
        assert session.scalars(select(Note.author)).all() == ["routed"]
        assert session.scalar(IN_RECOVERY) is False
        session.commit()

        assert session.scalars(select(Note.author)).all() == ["routed"]
        assert session.scalar(IN_RECOVERY) is False


def test_routing_session_in_a_request_returns_to_replicas_that_have_its_write(database: Database) -> None:
    with database.request(), database.get_session() as session:
        session.add(Note(author="returning"))
        session.commit()
        places = set()
        while True not in places:
            assert session.scalars(select(Note.author)).all() == ["returning"]
            places.add(session.scalar(IN_RECOVERY))
            session.commit()


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT pg_is_in_recovery() FROM application_notes FOR UPDATE",
        "WITH written AS (INSERT INTO application_notes (author) VALUES ('x') RETURNING 1) SELECT pg_is_in_recovery()",
        "SELECT pg_is_in_recovery() FROM pg_advisory_lock(1)",
        "SELECT pg_is_in_recovery() FROM set_config('work_mem', '5MB', true)",
    ],
)
def test_statement_that_may_write_or_lock_goes_to_the_primary(database: Database, statement: str) -> None:
    write_note(database, "locked")

    with database.get_session() as session:
        assert session.scalar(text(statement)) is False


@pytest.mark.parametrize(
    "statement",
    [
        select(IN_RECOVERY.scalar_subquery(), LOCK.is_(True)),
        select(IN_RECOVERY.scalar_subquery(), func.coalesce(LOCK, False)),
        select(IN_RECOVERY.scalar_subquery(), cast(LOCK, Integer)),
        select(IN_RECOVERY.scalar_subquery(), literal_column("pg_try_advisory_xact_lock(1)")),
        IN_RECOVERY.where(LOCK),
        IN_RECOVERY.select_from(LOCK.alias()),
        IN_RECOVERY.where(select(LOCK.label("has")).cte().c.has),
        union(IN_RECOVERY.where(LOCK), IN_RECOVERY.where(LOCK)),
    ],
)
def test_lock_deep_in_a_statement_is_taken_on_the_primary(database: Database, statement: Select[Any]) -> None:
    with database.get_session() as session:
        assert session.scalar(IN_RECOVERY) is True
        assert session.scalar(statement) is False
        assert session.scalar(IN_RECOVERY) is False


def test_setting_of_a_read_session_is_made_where_it_reads(database: Database) -> None:
    with database.get_read_session() as session:
        session.execute(select(func.set_config("app.tenant", "one", True)))  # noqa: FBT003 (PostgreSQL's)
        assert session.execute(select(func.pg_is_in_recovery(), func.current_setting("app.tenant"))).one() == (
            True,
            "one",
        )


def test_function_that_writes_after_all_is_repeated_on_the_primary(cluster: Cluster, database: Database) -> None:
    with connect(cluster) as admin:
        admin.execute(
            "CREATE OR REPLACE FUNCTION take_note() RETURNS text LANGUAGE sql AS"
            " $$ INSERT INTO application_notes (author) VALUES ('function') RETURNING author $$"
        )
    cluster.ensure_replica_follows()

    with database.get_session() as session:
        assert session.scalar(IN_RECOVERY) is True
        assert session.scalar(select(func.take_note())) == "function"
        assert session.scalar(IN_RECOVERY) is False

    with database.get_write_session() as session:
        assert session.scalars(select(Note.author)).all() == ["function"]


def test_statement_that_names_an_engine_goes_there(database: Database) -> None:
    primary = database.get_write_session().get_bind()

    with database.get_session() as session:
        assert session.scalar(IN_RECOVERY, bind_arguments={"bind": primary}) is False


def test_analytics_replica_is_for_analytics_alone(cluster: Cluster) -> None:
    url = url_of(cluster.replica, READONLY_ROLE)
    variables = variables_of(cluster) | {"DATABASE_REPLICA_URLS": "", "DATABASE_ANALYTICS_REPLICA_URLS": url}

    with closing(Database.from_env(variables)) as database:
        wait_for_replica(database, purpose="analytics")
        with database.get_read_session(purpose="analytics") as session:
            assert session.scalar(text("SHOW statement_timeout")) == "5min"
        assert not reads_from_replica(database)


def test_unknown_purpose_is_refused_with_those_there_are(database: Database) -> None:
    with pytest.raises(ConfigurationError, match="purpose is 'analytcs', allowed: none is configured"):
        database.get_read_session(purpose="analytcs")


def test_reads_go_to_the_primary_where_there_is_no_replica(cluster: Cluster) -> None:
    with closing(Database.from_env(variables_of(cluster) | {"DATABASE_REPLICA_URLS": ""})) as database:
        assert not reads_from_replica(database)


def _questions(database: Database, trace: Path) -> list[str]:
    """Return what libpq asks of the server while a note is written, in its own words."""
    with database.request() as request, database.get_write_session() as session, trace.open("w") as file:
        driver = session.connection().connection.driver_connection
        assert driver is not None
        driver.pgconn.trace(file.fileno())
        session.execute(INSERT, {"author": "counted"})
        session.commit()
        driver.pgconn.untrace()
        assert request.token is not None
    return [
        line for line in trace.read_text(encoding="utf-8").splitlines() if re.search(r"\tF\t.*\t(Query|Sync)", line)
    ]


def test_position_of_a_commit_costs_no_round_trip(database: Database, tmp_path: Path) -> None:
    questions = _questions(database, tmp_path / "trace")

    assert len(questions) == len(["BEGIN", "INSERT", "COMMIT"])
    assert "COMMIT" in questions[-1]


def test_choice_of_a_server_costs_no_round_trip(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(liveness, "TRUST_SECONDS", 60)

    assert _questions_of_a_read(database, tmp_path / "trace") == len(["BEGIN", "SELECT", "ROLLBACK"])


def test_server_that_has_not_answered_for_a_while_is_asked_first(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(liveness, "TRUST_SECONDS", 0)

    assert _questions_of_a_read(database, tmp_path / "trace") == len(["pre-ping", "BEGIN", "SELECT", "ROLLBACK"])


def _questions_of_a_read(database: Database, trace: Path) -> int:
    """Return how many messages a read on a replica sends, on a connection that was used before."""
    with database.request(), trace.open("w") as file:
        with database.get_read_session() as session:
            driver = session.connection().connection.driver_connection
            assert driver is not None
            session.rollback()
        driver.pgconn.trace(file.fileno())
        with database.get_read_session() as session:
            assert session.scalar(PLACE) is True
        driver.pgconn.untrace()
    return len(re.findall(r"\tF\t.*\t(?:Query|Sync)", trace.read_text(encoding="utf-8")))
