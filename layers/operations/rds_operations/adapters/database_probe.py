"""Asks the database through the function that can reach it, within the little time that an alert can wait."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from time import monotonic

from rds_operations.adapters.bounded_enrichment import ALERT_WAITS
from rds_operations.adapters.functions import LambdaFunctions, lambda_client
from rds_operations.domain.errors import OperationsError
from rds_operations.domain.probes import ProbeAnswer, ProbeResult, ReplicaProgress
from rds_operations.ports.functions import Functions

type Note = Callable[[str], None]


def optional_prompt_probe(function_name: str, note: Note) -> "InvokedProbe | None":
    """Return what asks by Lambda, or None without a function; an abandoned call ends by itself after 6 s."""
    if not function_name:
        return None
    client = lambda_client(connect_timeout_seconds=1, read_timeout_seconds=5)
    return InvokedProbe(function_name, LambdaFunctions(client), note=note)


class InvokedProbe:
    """`PromptProbe` that another function answers.

    Args:
        function_name: The function, inside the VPC.
        functions: Invokes it, in a thread of its own.
        limit: The longest from the question to the answer.
        note: Told, in a sentence, that there was no answer.
    """

    def __init__(self, function_name: str, functions: Functions, limit: timedelta = ALERT_WAITS, *, note: Note) -> None:
        self._function_name = function_name
        self._functions = functions
        self._limit = limit
        self._note = note

    def ask(self) -> Callable[[], ProbeAnswer]:
        """Ask, and return at once what waits for the answer; it never raises."""
        pool = ThreadPoolExecutor(1, thread_name_prefix="probe")
        deadline = monotonic() + self._limit.total_seconds()
        asked = pool.submit(self._functions.invoke, self._function_name, {})
        pool.shutdown(wait=False)
        return lambda: self._answer(asked, deadline)

    def _answer(self, asked: "Future[Mapping[str, object]]", deadline: float) -> ProbeAnswer:
        try:
            return ProbeAnswer(probe_result(asked.result(max(deadline - monotonic(), 0))))
        except TimeoutError:
            missing = f"asking the database took longer than {self._limit.total_seconds():g} s"
        except OperationsError as error:
            missing = str(error)
        except Exception as error:  # noqa: BLE001 - whatever is wrong in here, the alert has to go out, and says so
            missing = f"asking the database failed unexpectedly ({type(error).__name__}: {error})"
        self._note(missing)
        return ProbeAnswer(missing=missing)


def probe_result(answer: Mapping[str, object]) -> ProbeResult:
    """Return what the function answered (usecases/probe_database); what has another shape is not there.

    Args:
        answer: The function's response.
    """
    followers = answer.get("replicas")
    return ProbeResult(
        reachable=answer.get("reachable") is True,
        connect_ms=_number(answer.get("connect_ms")) or 0,
        writable=_flag(answer.get("writable")),
        in_recovery=_flag(answer.get("in_recovery")),
        server_version=_text(answer.get("server_version")),
        replicas=tuple(_follower(each) for each in followers) if isinstance(followers, list) else (),
        error=_text(answer.get("error")),
    )


def _follower(described: Mapping[str, object]) -> ReplicaProgress:
    seconds = described.get("replay_lag_seconds")
    return ReplicaProgress(
        name=str(described.get("name")),
        state=str(described.get("state")),
        replay_lag_bytes=_number(described.get("replay_lag_bytes")),
        replay_lag_seconds=float(seconds) if isinstance(seconds, int | float) else None,
    )


def _number(value: object) -> int | None:
    return int(value) if isinstance(value, int | float) else None


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
