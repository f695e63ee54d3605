"""The sample payloads in events/, the same files that tests and docs use."""

import json
from pathlib import Path
from typing import Any

MALFORMED = "malformed"
EVENTS = Path(__file__).parents[1] / "events"


def sample(function: str, name: str) -> Any:
    """Return the payload in `events/<function>/<name>.json`."""
    return json.loads((EVENTS / function / f"{name}.json").read_text(encoding="utf-8"))


def sample_names(function: str) -> list[str]:
    """Return the names of all sample payloads of a function."""
    return sorted(path.stem for path in (EVENTS / function).glob("*.json"))


def good_names(function: str) -> list[str]:
    """Return the names of those that a function can read."""
    return [name for name in sample_names(function) if not name.startswith(MALFORMED)]


def malformed_names(function: str) -> list[str]:
    """Return the names of those that a function refuses."""
    return [name for name in sample_names(function) if name.startswith(MALFORMED)]
