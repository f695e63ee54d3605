"""Connects once to every URL at start: what is configured wrongly is one error now, not many at night.

A server that does not answer is no such error: an application must be able to start during a failover.
"""

import os
import re
import socket
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import class_row

from langpont_db.connecting import Connector
from langpont_db.control_file import RIGHTS_QUERY, ControlRights, is_same_system
from langpont_db.errors import ConfigurationError
from langpont_db.events import Event, Events
from langpont_db.nodes import Node
from rds_postgres.errors import PostgresError, UnreachableError, connection_error

# A pooler answers with a process id of its own; the monitor takes one connection more in each process.
_FACTS_QUERY = """
SELECT pg_is_in_recovery() AS is_in_recovery,
       (SELECT system_identifier FROM pg_control_system()) AS system,
       pg_postmaster_start_time()::text || coalesce(inet_server_addr()::text, '') AS server,
       pg_backend_pid() AS backend_pid,
       current_setting('max_connections')::int AS max_connections,
       current_setting('superuser_reserved_connections')::int
           + coalesce(current_setting('reserved_connections', true), '0')::int AS reserved_connections,
       (SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user) AS role_limit,
       current_setting('statement_timeout') <> '0' AS has_statement_timeout
"""
_MONITOR_CONNECTIONS = 1
_UNLIMITED = -1
_UNRESOLVED = re.compile(r"resolve|translate host name|Name or service not known|name resolution")
# EAI_AGAIN: the resolver gave no answer (getaddrinfo(3)); what it would have said nobody knows.
_UNRESOLVED_YET = "Temporary failure in name resolution"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerFacts:
    """What a server said of itself.

    Args:
        is_in_recovery: Whether it is a replica.
        system: The database system's identifier, which replicas share with their primary; 0 when it may not be read.
        server: Tells one server from another.
        backend_pid: The process that answered.
        max_connections: How many connections it takes.
        reserved_connections: How many of these are kept for others.
        role_limit: How many the role may have; -1 for any number.
        has_statement_timeout: Whether the role's sessions have one without being told.
    """

    is_in_recovery: bool
    system: int
    server: str
    backend_pid: int
    max_connections: int
    reserved_connections: int
    role_limit: int
    has_statement_timeout: bool

    @property
    def limit(self) -> tuple[int, str]:
        """How many connections the role can have, and why not more."""
        available = self.max_connections - self.reserved_connections
        if self.role_limit != _UNLIMITED and self.role_limit < available:
            return self.role_limit, "the role's connection limit"
        return available, f"max_connections {self.max_connections} less {self.reserved_connections} reserved"


@dataclass(frozen=True, slots=True)
class Answer:
    """A server's facts, and whether a pooler stands before it."""

    facts: ServerFacts
    is_pooled: bool


def check_at_start(nodes: Mapping[str, Node], events: Events, *, processes: int) -> None:
    """Ask every server once.

    Args:
        nodes: Every server by name.
        events: Where to tell of a server that does not answer.
        processes: How many processes have such pools.

    Raises:
        ConfigurationError: a server refuses the login, is not proven to be the right one, plays another part than its
            URL says, or takes fewer connections than the pools may open.
    """
    answers = {name: answer for name, node in nodes.items() if (answer := _ask(node, events))}
    for name, answer in answers.items():
        if answer.is_pooled and not answer.facts.has_statement_timeout:
            events.record(Event.TIMEOUTS_NOT_SET, node=name)
        if hidden := nodes[name].connector.control.hidden:
            events.record(Event.CONTROL_FILE_HIDDEN, node=name, functions=hidden)
    complaints = [*_wrong_parts(nodes, answers), *_strangers(nodes, answers), *_too_large(nodes, answers, processes)]
    if complaints:
        raise ConfigurationError("; ".join(complaints))


def is_down(failure: PostgresError) -> bool:
    """Tell whether what stands in the way may pass by itself; the rest is configured wrongly.

    Args:
        failure: Why there was no answer.
    """
    words = str(failure)
    return isinstance(failure, UnreachableError) and (_UNRESOLVED_YET in words or not _UNRESOLVED.search(words))


def _ask(node: Node, events: Events) -> Answer | None:
    try:
        return _answer_of(node.connector)
    except psycopg.ProgrammingError as error:
        raise ConfigurationError(f"{node.name}: {node.connector.place} refused what it was asked: {error}") from error
    except PostgresError as failure:
        if not is_down(failure):
            raise ConfigurationError(f"{node.name}: {failure}") from failure
        events.record(Event.UNREACHABLE_AT_START, node=node.name, error=str(failure))
        return None


def _answer_of(connector: Connector) -> Answer | None:
    parameters = connector.parameters()
    try:
        with (
            psycopg.connect(**parameters, autocommit=True, prepare_threshold=None) as connection,
            connection.cursor(row_factory=class_row(ServerFacts)) as cursor,
            _ended_after(int(str(connector.url.query["connect_timeout"])), connection),
        ):
            connector.control = ControlRights(*connection.execute(RIGHTS_QUERY).fetchone() or ())
            facts = cursor.execute(connector.control.allowed(_FACTS_QUERY).encode()).fetchone()
            pid = connection.info.backend_pid
    except psycopg.ProgrammingError:
        raise
    except psycopg.Error as error:
        raise connection_error(error, place=connector.place, login=connector.login) from error
    if facts is None:
        return None
    connector.is_direct = facts.backend_pid == pid
    return Answer(facts, is_pooled=not connector.is_direct)


@contextmanager
def _ended_after(limit_seconds: int, connection: psycopg.Connection[Any]) -> Iterator[None]:
    """End a conversation in which no answer comes in time: a pooler lets whoever asks wait for its server."""
    is_over = threading.Event()
    with socket.socket(fileno=os.dup(connection.fileno())) as same:

        def end() -> None:
            is_over.set()
            with suppress(OSError):  # the other side was faster
                same.shutdown(socket.SHUT_RDWR)

        limit = threading.Timer(limit_seconds, end)
        limit.start()
        try:
            yield
        except psycopg.OperationalError as error:
            if is_over.is_set():
                raise psycopg.OperationalError(f"no answer within {limit_seconds} s") from error
            raise
        finally:
            limit.cancel()
            limit.join()


def _wrong_parts(nodes: Mapping[str, Node], answers: Mapping[str, Answer]) -> Iterable[str]:
    for name, answer in answers.items():
        node = nodes[name]
        if node.is_primary and answer.facts.is_in_recovery:
            yield f"{name}: {node.connector.place} is a replica, allowed: the server that takes writes"
        elif not node.is_primary and not answer.facts.is_in_recovery:
            yield f"{name}: {node.connector.place} is a primary, allowed: a replica"


def _strangers(nodes: Mapping[str, Node], answers: Mapping[str, Answer]) -> Iterable[str]:
    primary = next((answers[name] for name in answers if nodes[name].is_primary), None)
    for name, answer in answers.items():
        if primary and not is_same_system(answer.facts.system, primary.facts.system):
            yield f"{name}: {nodes[name].connector.place} is of another database, allowed: a replica of the primary"


def _too_large(nodes: Mapping[str, Node], answers: Mapping[str, Answer], processes: int) -> Iterable[str]:
    direct = {name: answer.facts for name, answer in answers.items() if not answer.is_pooled}
    for server in {facts.server for facts in direct.values()}:
        here = [nodes[name] for name, facts in direct.items() if facts.server == server]
        facts = direct[here[0].name]
        wanted = processes * sum(node.pool.most + _MONITOR_CONNECTIONS for node in here)
        allowed, why = facts.limit
        if wanted > allowed:
            pools = " and ".join(f"{node.name} {node.pool.most} + {_MONITOR_CONNECTIONS}" for node in here)
            yield (
                f"{here[0].connector.place}: {processes} processes with pools of {pools} open up to {wanted},"
                f" allowed: {allowed} ({why})"
            )
