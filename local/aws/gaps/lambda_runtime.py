"""Functions run on a bare interpreter with boto3, as in Lambda: a dependency missing from a layer is noticed.

And an error keeps its name: whoever invoked the function, or reads its dead letter, tells by it what to do.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

_NAMELESS = "Runtime.HandlerError"
_TRACE = "Traceback (most recent call last):"
# The first line of a trace that is not indented: the error's class, with its module, and what it says.
_RAISED = re.compile(r"^(?:[A-Za-z_]\w*\.)*([A-Za-z_]\w*)(?::|$)", re.MULTILINE)


def install(interpreter: Path) -> None:
    """Start Python functions with `interpreter` instead of the emulator's own, which has everything installed."""
    detect, execute = lambda_runtime._detect_runtime_binary, lambda_svc._execute_function_warm

    def detect_bare(runtime: str) -> tuple[str, str]:
        binary, script = detect(runtime)
        return (str(interpreter) if runtime.startswith("python") else binary), script

    def execute_and_name(function: Any, event: Any, request_id: str) -> dict[str, Any]:
        result: dict[str, Any] = execute(function, event, request_id)
        return named(result)

    lambda_runtime._detect_runtime_binary = detect_bare
    lambda_svc._execute_function_warm = execute_and_name


def named(result: dict[str, Any]) -> dict[str, Any]:
    """Return the result of an invocation with the class of its error, as its trace tells it.

    Args:
        result: What the emulator made of the invocation, with the trace at the end of its log.
    """
    body = result.get("body")
    if not isinstance(body, Mapping) or body.get("errorType") != _NAMELESS:
        return result
    _, is_there, trace = str(result.get("log", "")).rpartition(_TRACE)
    raised = _RAISED.search(trace) if is_there else None
    return {**result, "body": {**body, "errorType": raised[1]}} if raised else result
