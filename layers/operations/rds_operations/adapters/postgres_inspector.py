"""Asks a server what it runs."""

from collections.abc import Collection, Mapping
from datetime import timedelta

from rds_operations.adapters.postgres import LOCK_TIMEOUT, translating_database_errors
from rds_operations.domain.server_expectations import (
    EXTENSION_PREFIX,
    IN_RECOVERY,
    MAJOR_VERSION,
    PRESENT,
    ROLE_PREFIX,
    SESSION_TLS,
)
from rds_operations.domain.server_facts import Fact
from rds_postgres.connections import Connection
from rds_postgres.queries import run_read_only

TIMEOUT = timedelta(seconds=5)

# pg_settings leaves out the parameters that no module has declared, which RDS's are on a plain PostgreSQL.
_QUERY = """
SELECT w.name, coalesce(s.setting, current_setting(w.name, true)) AS value,
       coalesce(s.unit, '') AS unit, coalesce(s.source, '') AS source
FROM unnest(%(names)s::text[]) AS w(name) LEFT JOIN pg_settings AS s ON s.name = w.name
UNION ALL
SELECT %(tls)s, version, '', '' FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl
UNION ALL
SELECT %(recovery)s, CASE WHEN pg_is_in_recovery() THEN 'on' ELSE 'off' END, '', ''
UNION ALL
SELECT %(major)s, (current_setting('server_version_num')::integer / 10000)::text, '', ''
UNION ALL
SELECT %(extension)s || extname, %(present)s, '', '' FROM pg_extension
UNION ALL
SELECT %(role)s || rolname, %(present)s, '', '' FROM pg_roles WHERE rolcanlogin
"""
_WORDS = {
    "tls": SESSION_TLS,
    "recovery": IN_RECOVERY,
    "major": MAJOR_VERSION,
    "extension": EXTENSION_PREFIX,
    "role": ROLE_PREFIX,
    "present": PRESENT,
}


class PostgresInspector:
    """A `ServerInspector` on one connection.

    Args:
        connection: An autocommitting connection of a role that may read all settings (`pg_monitor`).
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def facts(self, names: Collection[str]) -> Mapping[str, Fact]:
        """Return what the server shows of each name; what it does not know is left out.

        Raises:
            RefusedError: the server refused to say.
            RetryableError: the connection was lost.
        """
        parameters = {**_WORDS, "names": list(names)}
        with translating_database_errors():
            rows = run_read_only(
                self._connection, _QUERY, timeout=TIMEOUT, lock_timeout=LOCK_TIMEOUT, parameters=parameters
            )
        return {
            str(row["name"]): Fact(str(row["value"]), str(row["unit"]), str(row["source"]))
            for row in rows
            if row["value"] is not None
        }
