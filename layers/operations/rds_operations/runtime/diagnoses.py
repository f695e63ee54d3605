"""Reads the questions of probe_database."""

from collections.abc import Mapping
from pathlib import Path

from rds_operations.domain.diagnoses import DiagnosisKind, DiagnosisQuery
from rds_operations.domain.errors import ConfigurationError

type Questions = Mapping[DiagnosisKind, DiagnosisQuery]


def load_diagnoses(folder: Path) -> Questions:
    """Return the question in each `.sql` file of a folder, by its kind, which is the file's name.

    Raises:
        ConfigurationError: a kind has no file, or a file no kind.
    """
    texts = {path.stem: path.read_text(encoding="utf-8") for path in folder.glob("*.sql")}
    kinds = {kind.value for kind in DiagnosisKind}
    if set(texts) != kinds:
        raise ConfigurationError(f"{folder} holds {', '.join(sorted(texts))}, allowed: {', '.join(sorted(kinds))}")
    return {kind: DiagnosisQuery(kind, texts[kind.value].strip()) for kind in DiagnosisKind}
