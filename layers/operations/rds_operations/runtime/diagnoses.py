"""Reads the questions of probe_database, and which of them is asked."""

from collections.abc import Mapping
from pathlib import Path

from rds_operations.domain.diagnoses import DiagnosisKind, DiagnosisQuery
from rds_operations.domain.errors import ConfigurationError
from rds_operations.runtime.events.fields import wrong

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


def requested_diagnosis(event: object, questions: Questions) -> DiagnosisQuery | None:
    """Return the question that is asked; None for `{}`, a look at the server as a whole.

    Args:
        event: `{}`, or an object with `diagnosis`, a kind.
        questions: All there are.

    Raises:
        InvalidEventError: the event is something else, or the kind is unknown.
    """
    kinds = ", ".join(questions)
    if not isinstance(event, Mapping) or not set(event) <= {"diagnosis"}:
        raise wrong("the event", event, f"an empty object, or one with diagnosis, one of {kinds}")
    if not event:
        return None
    kind = event["diagnosis"]
    if not isinstance(kind, str) or kind not in questions:
        raise wrong("diagnosis", kind, f"one of {kinds}")
    return questions[DiagnosisKind(kind)]
