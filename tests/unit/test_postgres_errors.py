"""What the driver says when a connection cannot be made; the integration tests hear most of it from a real server."""

import psycopg
import pytest

from rds_postgres.errors import (
    AuthenticationFailedError,
    CertificateRejectedError,
    PostgresError,
    QueryFailedError,
    UnreachableError,
    connection_error,
    query_error,
)


def meaning(words: str) -> PostgresError:
    driver_error = psycopg.OperationalError(f"connection failed: {words}\n")
    return connection_error(driver_error, place="db.example:5432", login="langpont_metrics on langpont")


@pytest.mark.parametrize(
    "words",
    [
        'FATAL:  PAM authentication failed for user "langpont_metrics"',
        'FATAL:  password authentication failed for user "langpont_metrics"',
        'FATAL:  no pg_hba.conf entry for host "10.0.0.1", user "langpont_metrics", database "langpont", no encryption',
        'FATAL:  role "langpont_metrics" is not permitted to log in',
        'FATAL:  database "langpont" does not exist',
        'FATAL:  permission denied for database "langpont"',
        'authentication method requirement "scram-sha-256,password" failed: server requested a hashed password',
    ],
)
def test_refused_login_is_for_a_person(words: str) -> None:
    error = meaning(words)

    assert isinstance(error, AuthenticationFailedError)
    assert str(error) == f"db.example:5432 refused langpont_metrics on langpont: connection failed: {words}".replace(
        "FATAL:  ", "FATAL: "
    )


@pytest.mark.parametrize(
    "words",
    [
        "SSL error: certificate verify failed",
        'server certificate for "*.example" does not match host name "db.example"',
        'root certificate file "/nowhere" does not exist',
        "server does not support SSL, but SSL was required",
    ],
)
def test_server_without_proof_is_never_tried_again(words: str) -> None:
    assert isinstance(meaning(words), CertificateRejectedError)


@pytest.mark.parametrize(
    "words",
    [
        "connection timeout expired",
        "Connection refused",
        "server closed the connection unexpectedly",
        "SSL error: unexpected eof while reading",
        "FATAL:  the database system is starting up",
        "FATAL:  the database system is shutting down",
        "FATAL:  sorry, too many clients already",
        "FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute",
        'failed to resolve host "db.example"',
        "something that nobody has seen yet",
    ],
)
def test_everything_else_may_pass(words: str) -> None:
    error = meaning(words)

    assert isinstance(error, UnreachableError)
    assert str(error).startswith("db.example:5432 cannot be reached: connection failed: ")


@pytest.mark.parametrize(
    ("error", "is_lost", "kind"),
    [
        (psycopg.errors.QueryCanceled("canceling statement due to statement timeout"), False, QueryFailedError),
        (psycopg.errors.UndefinedTable("no table"), False, QueryFailedError),
        (psycopg.errors.AdminShutdown("terminating connection"), False, UnreachableError),
        (psycopg.errors.ConnectionFailure("gone"), False, UnreachableError),
        (psycopg.OperationalError("server closed the connection unexpectedly"), True, UnreachableError),
        (psycopg.ProgrammingError("no records"), False, QueryFailedError),
    ],
)
def test_lost_connection_is_no_failed_query(error: psycopg.Error, is_lost: bool, kind: type[PostgresError]) -> None:  # noqa: FBT001
    assert type(query_error(error, connection_is_lost=is_lost)) is kind


def test_failed_query_is_named_with_its_code() -> None:
    error = query_error(psycopg.errors.UndefinedTable("no table\nLINE 1: SELECT"), connection_is_lost=False)

    assert str(error) == "no table LINE 1: SELECT (42P01)"
