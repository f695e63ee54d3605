"""Continuous integration knows what PostgreSQL needs of a machine, and says what is missing where it cannot help."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from local.postgres.system_libraries import DEBIAN_PACKAGES

RUN = Path(__file__).parents[2] / ".ci/run"
POLICY = "policy-rc.d"


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder of programs that is the whole PATH: a linker that knows no library, and neither make nor git."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("bash", "dirname", "grep", "env", "true"):
        (programs / name).symlink_to(str(shutil.which(name)))
    _program(programs / "ldconfig", "")
    return programs


def _program(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def _run(programs: Path, folder: Path) -> "subprocess.CompletedProcess[str]":
    (folder / ".ci").mkdir()
    shutil.copy(RUN, folder / ".ci/run")
    return subprocess.run(
        [str(programs / "bash"), str(folder / ".ci/run")],
        env={
            "PATH": str(programs),
            # Nothing of this machine is asked or changed.
            "SYSTEM_PROGRAMS": str(folder / "none"),
            "SERVICE_POLICY": str(folder / POLICY),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def _complete(machine: Path) -> None:
    """Give the machine everything that PostgreSQL needs."""
    known = "".join(f"\t{library} (libc6,x86-64) => /lib/{library}\n" for library in DEBIAN_PACKAGES)
    _program(machine / "ldconfig", f"printf '%s' '{known}'")
    for name in ("make", "git"):
        _program(machine / name, 'echo "ran $*"')


def _with_apt(machine: Path) -> None:
    """Let it install packages; the installation says whether a service would have been started."""
    for name in ("chmod", "rm", "sh"):
        (machine / name).symlink_to(str(shutil.which(name)))
    _program(machine / "sudo", 'shift; exec "$@"')
    _program(machine / "apt-get", 'case "$*" in *install*) sh "$SERVICE_POLICY"; echo "policy $? $*" ;; esac')
    _program(machine / "update-rc.d", 'echo "service $*"')


def test_every_library_that_postgres_needs_is_looked_for() -> None:
    looked_for = dict(re.findall(r"\[(lib[^\]]+)\]=(\S+)", RUN.read_text(encoding="utf-8")))

    assert looked_for == dict(DEBIAN_PACKAGES)


def test_missing_packages_are_named_in_one_line_without_apt(machine: Path, tmp_path: Path) -> None:
    finished = _run(machine, tmp_path)

    (line,) = finished.stderr.splitlines()
    assert finished.returncode == 1
    assert line.startswith("error: these Debian packages are missing, and there is no apt-get or no right to use it: ")
    assert {"make", "git", "libssl3", "libreadline8"} <= set(line.split(": ")[2].split())


def test_libraries_count_whatever_the_name_of_their_package(machine: Path, tmp_path: Path) -> None:
    _complete(machine)
    _program(machine / "pgbouncer", "exit 0")

    finished = _run(machine, tmp_path)

    assert finished.stdout.splitlines() == ["ran lint", "ran demo", "ran test"]


def test_missing_pgbouncer_is_installed_without_starting_it(machine: Path, tmp_path: Path) -> None:
    _complete(machine)
    _with_apt(machine)

    finished = _run(machine, tmp_path)

    assert finished.stdout.splitlines()[:3] == [
        "Installing pgbouncer",
        "policy 101 install --yes --quiet --no-install-recommends pgbouncer",
        "service pgbouncer disable",
    ]
    assert not (tmp_path / POLICY).exists()


def test_policy_of_the_machine_is_left_as_it_is(machine: Path, tmp_path: Path) -> None:
    _complete(machine)
    _with_apt(machine)
    _program(tmp_path / POLICY, "exit 7")

    finished = _run(machine, tmp_path)

    assert "policy 7 install" in finished.stdout
    assert (tmp_path / POLICY).exists()


def test_missing_pgbouncer_alone_stops_nothing_where_it_cannot_be_installed(machine: Path, tmp_path: Path) -> None:
    _complete(machine)

    finished = _run(machine, tmp_path)

    assert finished.stdout.splitlines() == ["ran lint", "ran demo", "ran test"]
    assert finished.stderr.startswith("PgBouncer is missing")


@pytest.mark.skipif(os.geteuid() == 0, reason="root needs no sudo")
def test_missing_packages_are_named_in_one_line_without_sudo(machine: Path, tmp_path: Path) -> None:
    _program(machine / "apt-get", "exit 0")

    finished = _run(machine, tmp_path)

    assert finished.stderr.startswith("error: these Debian packages are missing")
    assert len(finished.stderr.splitlines()) == 1
