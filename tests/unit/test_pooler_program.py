"""The PgBouncer of a machine is found where Debian puts it, and one that is too old is named."""

from pathlib import Path

import pytest

from local.errors import LocalError
from local.pooler.program import HOW_TO_INSTALL, Version, find_pgbouncer


def _install(folder: Path, answer: str) -> str:
    program = folder / "pgbouncer"
    program.write_text(f"#!/bin/sh\necho '{answer}'\necho 'libevent 2.1.12-stable'\n", encoding="utf-8")
    program.chmod(0o755)
    return str(folder)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("PgBouncer 1.18.0", (1, 18)),
        ("PgBouncer 1.24.1\n", (1, 24)),
        ("PgBouncer 1.25.0-dev", (1, 25)),
        ("1.21", (1, 21)),
        ("2.0", (2, 0)),
    ],
)
def test_version_is_read_from_what_it_says(text: str, version: tuple[int, int]) -> None:
    assert Version.of(text) == Version(*version)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("newest", "'newest' is no version of PgBouncer"),
        ("", "is no version"),
        ("1.24 --x", "'1.24 --x' is no version of PgBouncer"),
        ("1.2.3.4", "'1.2.3.4' is no version of PgBouncer"),
        ("1.17.9", "PgBouncer 1.17 is too old"),
    ],
)
def test_version_that_cannot_be_used_is_named(text: str, complaint: str) -> None:
    with pytest.raises(LocalError, match=complaint):
        Version.of(text)


def test_program_is_found_with_its_version(tmp_path: Path) -> None:
    found = find_pgbouncer(_install(tmp_path, "PgBouncer 1.24.1"))

    assert found is not None
    assert (found.path, found.version) == (tmp_path / "pgbouncer", Version(1, 24))


def test_machine_without_it_has_none_and_a_line_says_how_to_install_it(tmp_path: Path) -> None:
    assert find_pgbouncer(str(tmp_path)) is None
    assert "apt-get install pgbouncer" in HOW_TO_INSTALL


def test_too_old_program_is_no_silent_absence(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match=r"1\.17 is too old"):
        find_pgbouncer(_install(tmp_path, "PgBouncer 1.17.0"))
