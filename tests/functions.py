"""Loads a function's `app.py` the way Lambda does: fresh, with its environment set."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

FUNCTIONS = Path(__file__).parents[1] / "functions"


def load_app(function: str) -> ModuleType:
    """Return a newly executed `functions/<function>/app.py`; settings are read at this moment."""
    name = f"functions.{function}.app"
    spec = importlib.util.spec_from_file_location(name, FUNCTIONS / function / "app.py")
    if spec is None or spec.loader is None:
        raise FileNotFoundError(f"there is no function {function} in {FUNCTIONS}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
