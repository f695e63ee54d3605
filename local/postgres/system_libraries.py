"""What PostgreSQL's programs need from the system, and how to say what is missing."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from local.errors import LocalError

DEBIAN_PACKAGES: Mapping[str, str] = {
    "libcrypto.so.3": "libssl3",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "liblz4.so.1": "liblz4-1",
    "libreadline.so.8": "libreadline8",
    "libssl.so.3": "libssl3",
    "libxml2.so.2": "libxml2",
    "libz.so.1": "zlib1g",
    "libzstd.so.1": "libzstd1",
}
ZONEINFO = Path("/usr/share/zoneinfo")


def require_system_libraries(files: Sequence[Path], library_folder: Path) -> None:
    """Check that the dynamic linker finds all that the files need, and that time zones are installed.

    Args:
        files: Programs and libraries of PostgreSQL.
        library_folder: PostgreSQL's own libraries.

    Raises:
        LocalError: something is missing; the message names it, its Debian package and where it was looked for.
    """
    complaints = [_library_complaint(name) for name in missing_libraries(_linker_report(files, library_folder))]
    if complaints:
        looked_in = f"looked in {library_folder} and the system's library folders"
        raise LocalError(f"PostgreSQL needs {', '.join(complaints)}: not found ({looked_in})")
    if not (ZONEINFO / "UTC").exists():
        raise LocalError(f"PostgreSQL needs time zones (Debian package tzdata): not found in {ZONEINFO}")


def missing_libraries(linker_report: str) -> list[str]:
    """Return the libraries that `ldd` did not find, each once.

    Raises:
        LocalError: the C library is too old for the programs.
    """
    if "version `GLIBC" in linker_report:
        raise LocalError("PostgreSQL needs glibc 2.34 or newer (Debian 12, Ubuntu 22.04): this system's is older")
    found = {line.split("=>")[0].strip() for line in linker_report.splitlines() if "not found" in line}
    return sorted(found)


def _library_complaint(library: str) -> str:
    package = DEBIAN_PACKAGES.get(library)
    return f"{library} (Debian package {package})" if package else library


def _linker_report(files: Sequence[Path], library_folder: Path) -> str:
    try:
        finished = subprocess.run(
            ["ldd", *map(str, files)],
            capture_output=True,
            text=True,
            check=False,
            env={"PATH": "/usr/bin:/bin", "LD_LIBRARY_PATH": str(library_folder), "LC_ALL": "C"},
            timeout=30,
        )
    except FileNotFoundError as error:
        raise LocalError("PostgreSQL needs a glibc system (Debian package libc-bin): ldd is missing") from error
    return finished.stdout + finished.stderr
