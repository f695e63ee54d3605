"""How often a query goes back and forth, counted between the client and a real PostgreSQL.

What counts runs in threads beside the query: that they run at all shows that waiting for a query stops nobody else.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from rds_postgres.connections import Connection, ConnectionSettings, connect
from rds_postgres.errors import QueryFailedError
from rds_postgres.queries import run_read_only
from tests.integration.conftest import PostgresServer

SECOND = timedelta(seconds=1)
CHUNK = 65_536


class CountingForwarder:
    """Passes one connection on and counts how often the client speaks after the server has.

    Args:
        address: Where the server is.
        port: Its port.
    """

    def __init__(self, address: str, port: int) -> None:
        self._server = socket.create_connection((address, port))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open = [self._server, self._listener]
        self._threads = [threading.Thread(target=self._serve, daemon=True)]
        self._last = ""
        self.round_trips = 0
        self._threads[0].start()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def close(self) -> None:
        for one in self._open:
            with suppress(OSError):  # the other side was faster
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        for thread in self._threads:
            thread.join(timeout=5)

    def _serve(self) -> None:
        client, _ = self._listener.accept()
        self._open.append(client)
        back = threading.Thread(target=self._pass_on, args=(self._server, client, "server"), daemon=True)
        self._threads.append(back)
        back.start()
        self._pass_on(client, self._server, "client")

    def _pass_on(self, source: socket.socket, target: socket.socket, who: str) -> None:
        try:
            while chunk := source.recv(CHUNK):
                self.round_trips += who == "client" and self._last != "client"
                self._last = who
                target.sendall(chunk)
        except OSError:
            return


@pytest.fixture
def forwarder(postgres_server: PostgresServer) -> Iterator[CountingForwarder]:
    with closing(CountingForwarder(postgres_server.host_address, postgres_server.port)) as forwarder:
        yield forwarder


@pytest.fixture
def connection(postgres_server: PostgresServer, forwarder: CountingForwarder) -> Iterator[Connection]:
    settings = ConnectionSettings(
        host=postgres_server.host,
        host_address=postgres_server.host_address,
        database=postgres_server.database,
        user=postgres_server.metrics_user,
        ca_bundle=postgres_server.ca_bundle,
        autocommit=True,
    )
    with connect(replace(settings, port=forwarder.port), postgres_server.metrics_password) as connection:
        yield connection


def ask(connection: Connection, query: str) -> list[dict[str, object]]:
    return run_read_only(connection, query, timeout=SECOND, lock_timeout=SECOND)


def test_query_with_its_limits_is_one_round_trip(connection: Connection, forwarder: CountingForwarder) -> None:
    before = forwarder.round_trips

    for _ in range(10):
        ask(connection, "SELECT 1 AS one")

    assert forwarder.round_trips - before == 10


def test_query_that_fails_is_one_round_trip_too(connection: Connection, forwarder: CountingForwarder) -> None:
    before = forwarder.round_trips

    with pytest.raises(QueryFailedError):
        ask(connection, "SELECT * FROM nowhere")

    assert forwarder.round_trips - before == 1
