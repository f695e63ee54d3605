"""Step: the deployment itself left a database that works: set up, checked, and answering the other functions."""

from local.database_check import check_database
from local.demo.report import lines
from local.demo.scene import Scene
from local.errors import LocalError
from local.redrive.places import embedded_place

SET_UP, CHECK, PROBE = "SetUpDatabaseFunction", "CheckDatabaseFunction", "ProbeDatabaseFunction"


def show_database(scene: Scene) -> str:
    """Look that the set-up has nothing left to do, compare what the server runs, and ask whether it takes writes."""
    set_up = scene.stack.invoke(SET_UP, {})
    if set_up["changed"] or set_up["waiting_for"]:
        raise LocalError(f"the deployment left {set_up['changed']} steps of the set-up undone")
    said: list[str] = []
    if not check_database(embedded_place(scene.environment), said.append):
        raise LocalError(f"the server is not as the design says: {said[0]}")
    probe = scene.stack.invoke(PROBE, {})
    if not probe["writable"]:
        raise LocalError(f"the primary takes no writes: {probe['error']}")
    for function in (SET_UP, CHECK, PROBE):
        scene.refuse_denials(function)
    replicas = ", ".join(f"{replica['name']} {replica['state']}" for replica in probe["replicas"])
    return lines(
        [
            f"set up by the deployment: {set_up['unchanged']} steps, none left to do",
            *said,
            f"asked from inside: {probe['server_version']}, takes writes; replicas: {replicas}",
        ]
    )
