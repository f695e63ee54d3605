"""`python -m generators.transform FOLDER` writes every template as CloudFormation sees it, for scanners of files.

Policy scanners do not look inside the `Policies` of a SAM function; in the transformed template they see its role.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from generators import templates

ROOT = Path(__file__).parents[1]


def main(arguments: Sequence[str], root: Path = ROOT) -> int:
    """Write the transformed templates into the folder, and remove what an earlier run left there.

    Args:
        arguments: The folder.
        root: The checkout.

    Returns:
        The exit status.
    """
    if len(arguments) != 1:
        sys.stderr.write("error: name one folder to write to\n")
        return 1
    if arguments[0].startswith("-"):
        sys.stderr.write(f"error: {arguments[0]} is no folder, allowed: a name that does not begin with a hyphen\n")
        return 1
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    for stale in folder.glob("*.json"):
        stale.unlink()
    for name in templates.template_paths(root):
        text = json.dumps(templates.transformed(root, name), indent=2)
        (folder / f"{name}.json").write_text(f"{text}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
