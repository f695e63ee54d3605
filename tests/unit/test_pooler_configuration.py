"""The pooler's configuration says what the design says, for its version, and keeps passwords where they belong."""

import configparser
import re
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.errors import LocalError
from local.pooler.configuration import (
    AUTHORITIES,
    CONFIGURATION,
    SERVER_CONNECTIONS,
    USERS,
    Login,
    Setting,
    Upstream,
    Upstreams,
    render,
    write_files,
)
from local.pooler.program import Version

PASSWORD = "a-password-of-the-role"
UPSTREAMS = Upstreams(
    database="langpont",
    writer=Upstream("writer.example.com", 5432, Login("langpont_app", PASSWORD)),
    reader=Upstream("reader.example.com", 5433, Login("langpont_readonly", "another")),
    authorities="-----BEGIN CERTIFICATE-----\n",
)
SETTING = Setting("/etc/pgbouncer")

DESIGN = {
    "pool_mode": "transaction",
    "max_client_conn": "300",
    "default_pool_size": "25",
    "min_pool_size": "5",
    "reserve_pool_size": "5",
    "query_timeout": "3600",
    "query_wait_timeout": "120",
    "client_idle_timeout": "0",
    "server_idle_timeout": "600",
    "server_lifetime": "3600",
    "server_check_delay": "30",
    "server_reset_query": "DISCARD ALL",
    "log_connections": "1",
    "log_disconnections": "1",
    "log_pooler_errors": "1",
}


def _parsed(text: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(delimiters=("=",), comment_prefixes=(";",), interpolation=None)
    parser.read_string(text)
    return parser


def _settings(setting: Setting = SETTING, upstreams: Upstreams = UPSTREAMS) -> dict[str, str]:
    return dict(_parsed(render(upstreams, setting)[CONFIGURATION])["pgbouncer"])


@pytest.mark.parametrize(("name", "value"), DESIGN.items())
def test_value_of_the_design_is_set(name: str, value: str) -> None:
    assert _settings()[name] == value


def test_each_database_is_one_line_with_its_server_and_role() -> None:
    databases = dict(_parsed(render(UPSTREAMS, SETTING)[CONFIGURATION])["databases"])

    assert databases == {
        "langpont_master": "host=writer.example.com port=5432 dbname=langpont user=langpont_app",
        "langpont_replica": "host=reader.example.com port=5433 dbname=langpont user=langpont_readonly",
    }


def test_both_sides_speak_tls_and_the_server_is_checked_by_name() -> None:
    settings = _settings()

    assert (settings["client_tls_sslmode"], settings["server_tls_sslmode"]) == ("require", "verify-full")
    assert settings["server_tls_ca_file"] == f"/etc/pgbouncer/{AUTHORITIES}"


def test_failed_logins_and_names_are_tried_again_within_a_second() -> None:
    settings = _settings()

    waits = [float(settings[name]) for name in ("server_login_retry", "dns_max_ttl", "dns_nxdomain_ttl")]
    assert max(waits) <= 1


def test_pool_and_reserve_are_what_the_arithmetic_takes_them_for() -> None:
    settings = _settings()

    assert int(settings["default_pool_size"]) + int(settings["reserve_pool_size"]) == SERVER_CONNECTIONS


@pytest.mark.parametrize(("version", "kept"), [("1.18", None), ("1.20", None), ("1.21", "200"), ("1.24", "200")])
def test_prepared_statements_are_kept_where_the_version_can(version: str, kept: str | None) -> None:
    assert _settings(replace(SETTING, version=Version.of(version))).get("max_prepared_statements") == kept


def test_every_role_comes_in_at_its_own_database_by_tls_only() -> None:
    text = render(UPSTREAMS, SETTING)["pgbouncer_hba.conf"]
    lines = [line.split() for line in text.splitlines() if not line.startswith("#")]

    for addresses in ("0.0.0.0/0", "::/0"):
        assert [line[:3] for line in lines if line[3] == addresses] == [
            ["hostssl", "langpont_master", "langpont_app"],
            ["hostssl", "langpont_replica", "langpont_readonly"],
            ["hostssl", "pgbouncer", "langpont_app"],
        ]
    assert len(lines) == 6
    assert {line[4] for line in lines} == {"scram-sha-256"}


def test_passwords_are_in_the_list_of_users_only() -> None:
    files = render(UPSTREAMS, SETTING)

    assert [name for name, text in files.items() if PASSWORD in text] == [USERS]
    assert PASSWORD not in repr(UPSTREAMS)


def test_only_the_owner_reads_what_was_written(tmp_path: Path) -> None:
    written = write_files(render(UPSTREAMS, SETTING), tmp_path / "pgbouncer")

    assert {stat.S_IMODE(path.stat().st_mode) for path in written} == {0o600}
    assert stat.S_IMODE((tmp_path / "pgbouncer").stat().st_mode) == 0o700


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1))
def test_any_password_of_one_line_can_be_read_back(password: str) -> None:
    login = replace(UPSTREAMS.writer, login=Login("langpont_app", password))

    first = render(replace(UPSTREAMS, writer=login), SETTING)[USERS].split("\n")[0]

    found = re.fullmatch(r'"langpont_app" "((?:[^"]|"")*)"', first)
    assert found is not None
    assert found[1].replace('""', '"') == password


def test_password_of_two_lines_is_refused_without_being_shown() -> None:
    login = replace(UPSTREAMS.writer, login=Login("langpont_app", "first\nsecond"))

    with pytest.raises(LocalError, match="no password of more than one line") as refused:
        render(replace(UPSTREAMS, writer=login), SETTING)

    assert "second" not in str(refused.value)


@pytest.mark.parametrize("host", ["two words", "a;b", "x=y", "o'clock"])
def test_host_that_would_end_its_line_is_named(host: str) -> None:
    with pytest.raises(LocalError, match="cannot hold writer_host"):
        render(replace(UPSTREAMS, writer=replace(UPSTREAMS.writer, host=host)), SETTING)
