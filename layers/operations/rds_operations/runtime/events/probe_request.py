"""Reads what probe_database is asked for."""

from collections.abc import Iterable, Mapping

from rds_operations.domain.diagnoses import DiagnosisKind, DiagnosisRequest
from rds_operations.domain.drill_writes import MOST_WRITES, DrillAction, DrillRequest
from rds_operations.runtime.diagnoses import Questions
from rds_operations.runtime.events.fields import wrong

# What fits into the column, bigint.
_MOST = 2**63 - 1
_KEYS = {
    DrillAction.WRITE: {"drill", "run", "first", "count"},
    DrillAction.COUNT: {"drill", "run"},
    DrillAction.FORGET: {"drill", "run"},
}


def requested_look(
    event: object, questions: Questions, servers: Iterable[str]
) -> DiagnosisRequest | DrillRequest | None:
    """Return what is asked for; None for `{}`, a look at the primary as a whole.

    Args:
        event: `{}`, an object with `diagnosis` and perhaps `server`, or one with `drill`.
        questions: All there are.
        servers: The identifiers of all nodes.

    Raises:
        InvalidEventError: the event is something else, or names what is not there.
    """
    if isinstance(event, Mapping) and "drill" in event:
        return _drill(event)
    kinds = ", ".join(questions)
    if not isinstance(event, Mapping) or not set(event) <= {"diagnosis", "server"}:
        raise wrong("the event", event, f"an empty object, one with drill, or one with diagnosis, one of {kinds}")
    if not event:
        return None
    return _diagnosis(event, questions, tuple(servers))


def _diagnosis(event: Mapping[object, object], questions: Questions, servers: tuple[str, ...]) -> DiagnosisRequest:
    kind, server = event.get("diagnosis"), event.get("server", "")
    if not isinstance(kind, str) or kind not in questions:
        raise wrong("diagnosis", kind, f"one of {', '.join(questions)}")
    if not isinstance(server, str) or server not in ("", *servers):
        raise wrong("server", server, f"one of {', '.join(servers)}")
    return DiagnosisRequest(questions[DiagnosisKind(kind)], server)


def _drill(event: Mapping[object, object]) -> DrillRequest:
    name = event["drill"]
    if not isinstance(name, str) or name not in tuple(DrillAction):
        raise wrong("drill", name, f"one of {', '.join(DrillAction)}")
    action = DrillAction(name)
    if set(event) != _KEYS[action]:
        raise wrong("the event", event, f"with drill {action}: {', '.join(sorted(_KEYS[action]))}")
    run = _number(event, "run", _MOST)
    if action is not DrillAction.WRITE:
        return DrillRequest(action, run)
    return DrillRequest(action, run, _number(event, "first", _MOST - MOST_WRITES), _number(event, "count", MOST_WRITES))


def _number(event: Mapping[object, object], key: str, most: int) -> int:
    value = event[key]
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise wrong(key, value, f"a whole number from 1 to {most}")
    return value
