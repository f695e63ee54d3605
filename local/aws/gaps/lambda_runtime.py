"""Functions run on a bare interpreter with boto3, as in Lambda: a dependency missing from a layer is noticed."""

from pathlib import Path

from ministack.core import lambda_runtime


def install(interpreter: Path) -> None:
    """Start Python functions with `interpreter` instead of the emulator's own, which has everything installed."""
    detect = lambda_runtime._detect_runtime_binary

    def detect_bare(runtime: str) -> tuple[str, str]:
        binary, script = detect(runtime)
        return (str(interpreter) if runtime.startswith("python") else binary), script

    lambda_runtime._detect_runtime_binary = detect_bare
