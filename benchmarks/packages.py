"""Sizes of what is deployed: each function and each layer, packed and unpacked."""

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.cold_starts import LAYERS, function_folders

# Lambda quotas: a function with all its layers, unpacked.
LARGEST_UNPACKED = 250 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Package:
    """One function or layer; sizes in bytes."""

    name: str
    packed: int
    unpacked: int


def measure_packages(build: Path) -> list[Package]:
    """Return the sizes of every function and layer that `sam build` made."""
    folders = [*(build / layer for layer in LAYERS), *function_folders(build)]
    return [_package(folder) for folder in folders if folder.exists()]


def _package(folder: Path) -> Package:
    files = [path for path in folder.rglob("*") if path.is_file()]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            archive.write(path, str(path.relative_to(folder)))
    return Package(folder.name, len(packed.getvalue()), sum(path.stat().st_size for path in files))
