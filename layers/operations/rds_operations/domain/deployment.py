"""Which deployment of the kit is speaking, and what belongs to it."""

import re
from dataclasses import dataclass

# How alarms on replicas end: `rds-cpu-high-replica-1`, and `replica-lag-1` where only replicas have one.
_REPLICA = re.compile(r"(?:-replica)?-([0-9]+)$")


@dataclass(frozen=True, slots=True)
class Deployment:
    """One deployment: its names, its instance and its runbooks.

    Args:
        project_name: Prefix of names, e.g. `langpont`.
        environment: dev, staging or prod.
        db_instance_identifier: The primary DB instance.
        runbook_base_url: Where docs/runbooks can be read by people; empty switches runbook links off.
    """

    project_name: str
    environment: str
    db_instance_identifier: str
    runbook_base_url: str = ""

    @property
    def name_prefix(self) -> str:
        """What names of alarms and instances begin with, e.g. `langpont-prod-`."""
        return f"{self.project_name}-{self.environment}-"

    def names_instance(self, identifier: str) -> bool:
        """Return whether the identifier is the primary's, or one of those that this deployment gives its replicas."""
        name = identifier.lower()
        return name == self.db_instance_identifier.lower() or name.startswith(f"{self.name_prefix}replica-")

    def alarm_instance(self, alarm_name: str) -> str | None:
        """Return the replica that an alarm's name ends with the number of; None where it ends with none."""
        found = _REPLICA.search(alarm_name.removeprefix(self.name_prefix))
        return f"{self.name_prefix}replica-{found[1]}" if found and alarm_name.startswith(self.name_prefix) else None

    def alarm_runbook_link(self, alarm_name: str, named: str = "") -> dict[str, str]:
        """Return the runbook of an alarm of this deployment; nothing for others' alarms.

        Args:
            alarm_name: The alarm's name; without the deployment's prefix and a replica's number it is the runbook's.
            named: The runbook that the alarm itself names, which goes before; empty where it names none.
        """
        stem = alarm_name.removeprefix(self.name_prefix)
        return self.runbook_link(named or _REPLICA.sub("", stem)) if stem != alarm_name else {}

    def runbook_link(self, stem: str) -> dict[str, str]:
        """Return the address of docs/runbooks/<stem>.md under the name `runbook`; nothing without a base or a stem."""
        if not self.runbook_base_url or not stem:
            return {}
        return {"runbook": f"{self.runbook_base_url.rstrip('/')}/{stem}.md"}
