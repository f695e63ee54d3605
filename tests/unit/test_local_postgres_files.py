"""What the embedded database keeps in files: passwords for their owner alone, and a log that names its trouble."""

import stat
from pathlib import Path

import pytest

from local.errors import LocalError
from local.postgres.cluster import Cluster
from local.postgres.credentials import SUPERUSER, create_credentials, read_password, write_secret
from local.postgres.folders import Folders
from local.postgres.privileges import Privileges
from local.postgres.programs import Programs
from local.postgres.server_log import first_trouble

PROGRAMS = Programs(Path("/nowhere"), Privileges(prefix=(), owner=None, reason="a test"))


def test_passwords_are_long_different_and_for_their_owner_alone(tmp_path: Path) -> None:
    folders = Folders(tmp_path)

    create_credentials(folders, PROGRAMS)

    files = list(folders.credentials.iterdir())
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    passwords = {read_password(folders, role) for role in ("postgres", "replicator", "langpont_admin")}
    assert len(passwords) == 3
    assert min(map(len, passwords)) >= 32


def test_programs_get_the_passwords_that_they_use_and_no_other(tmp_path: Path) -> None:
    folders = Folders(tmp_path)

    create_credentials(folders, PROGRAMS)

    lines = folders.pgpass.read_text().splitlines()
    assert lines[0] == f"*:*:*:postgres:{read_password(folders, SUPERUSER)}"
    assert [line.split(":")[3] for line in lines] == ["postgres", "replicator"]


def test_a_secret_replaces_the_one_before(tmp_path: Path) -> None:
    write_secret(tmp_path / "secret", "first")
    write_secret(tmp_path / "secret", "second")

    assert (tmp_path / "secret").read_text() == "second\n"
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


def test_the_log_names_the_main_process_first_trouble(tmp_path: Path) -> None:
    other = _line(process=2, code="28P01", message="password authentication failed")
    own = [
        _line(process=1, code="00000", message="starting PostgreSQL 16.15"),
        _line(process=1, code="XX000", message='could not bind IPv4 address ""127.0.0.1""'),
        _line(process=1, code="XX000", message="could not create any TCP/IP sockets"),
        _line(process=1, code="00000", message="database system is shut down"),
    ]
    (tmp_path / "postgresql.log.2026-11-23-1800.csv").write_text("\n".join([other, *own]))

    assert first_trouble(tmp_path) == 'could not bind IPv4 address "127.0.0.1"'


def test_a_log_without_trouble_or_without_a_line_names_none(tmp_path: Path) -> None:
    assert first_trouble(tmp_path) == ""

    (tmp_path / "postgresql.log.2026-11-23-1800.csv").write_text("")
    assert first_trouble(tmp_path) == ""

    (tmp_path / "postgresql.log.2026-11-23-1900.csv").write_text(_line(process=1, code="00000", message="ready"))
    assert first_trouble(tmp_path) == ""


def test_a_root_that_cannot_be_written_is_named_in_one_line() -> None:
    with pytest.raises(LocalError, match=r"cannot work in /dev/null/checkout: .*Not a directory"):
        Cluster(Path("/dev/null/checkout")).down()


def _line(process: int, code: str, message: str) -> str:
    columns = [""] * 26
    columns[3], columns[12], columns[13] = str(process), code, f'"{message}"'
    return ",".join(columns)
