"""Compiles the layers that `sam build` made: it takes bytecode out, and what Lambda unpacks cannot be written to.

Without it every cold start compiles the layers anew. Bytecode is the same on every processor. Functions' own modules
are left as they are: they are small, and what Lambda's console shows of them is then all there is.
"""

import sys
from collections.abc import Iterator
from compileall import compile_dir
from contextlib import contextmanager
from pathlib import Path
from py_compile import PycInvalidationMode

from deployment.errors import DeploymentError

BUILT = Path(".aws-sam", "build")
_LAYERS = "*Layer/python"
_ERRORS_ARE_RETURNED = 2


def compile_layers(root: Path) -> None:
    """Put bytecode beside the modules of every layer that was built.

    It counts without a look at its source, whose time is not kept when it is packed: nobody can change a layer that is
    deployed, and every `sam build` empties its folder first.

    Args:
        root: The checkout.

    Raises:
        DeploymentError: a module is no Python of this version.
    """
    for layer in sorted((root / BUILT).glob(_LAYERS)):
        with _bytecode_beside_its_source():
            is_compiled = compile_dir(
                layer,
                force=True,
                quiet=_ERRORS_ARE_RETURNED,
                # The checkout's place stays out, so that the same sources make the same package.
                stripdir=root / BUILT,
                invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
            )
        if not is_compiled:
            raise DeploymentError(f"{layer.relative_to(root)} holds a module that does not compile")


@contextmanager
def _bytecode_beside_its_source() -> Iterator[None]:
    """Lambda looks there; PYTHONPYCACHEPREFIX says where whoever deploys keeps theirs."""
    own, sys.pycache_prefix = sys.pycache_prefix, None
    try:
        yield
    finally:
        sys.pycache_prefix = own
