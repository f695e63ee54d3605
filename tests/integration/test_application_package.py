"""`pip install .` gives an application the package, what it stands on, and the certificates."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = ("pyproject.toml", "layers/application/langpont_db", "layers/postgres/rds_postgres")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    for name in SOURCES:
        source, copy = ROOT / name, folder / "source" / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, copy) if source.is_dir() else shutil.copy(source, copy)
    # Nothing is downloaded: the build backend is the tests' own, and what the package needs is here already.
    _pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(folder / "source"))
    (made,) = folder.glob("*.whl")
    return made


def _pip(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    subprocess.run(command, check=True, timeout=120)


def test_distribution_holds_both_packages_with_types_and_certificates(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())

    assert {"langpont_db/py.typed", "rds_postgres/py.typed", "rds_postgres/certificates/global-bundle.pem"} <= names
    assert {f"langpont_db/{path.name}" for path in (ROOT / SOURCES[1]).glob("*.py")} <= names
    assert {name.split("/")[0] for name in names if not name.startswith("langpont_db-")} == {
        "langpont_db",
        "rds_postgres",
    }


def test_installed_package_imports_without_the_repository(wheel: Path, tmp_path: Path) -> None:
    _pip("install", "--no-deps", "--no-index", "--target", str(tmp_path), str(wheel))
    statement = (
        "import langpont_db, rds_postgres.connections as connections;"
        "print(langpont_db.__file__, connections.PACKAGED_CA_BUNDLE.stat().st_size)"
    )

    imported = subprocess.run(
        [sys.executable, "-c", statement],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    place, size_bytes = imported.stdout.split()
    assert Path(place).is_relative_to(tmp_path)
    assert int(size_bytes) > 100_000
