"""What both reacting functions build from their settings."""

from rds_operations.domain.deployment import Deployment
from rds_operations.runtime.observability import logger
from rds_operations.runtime.settings.react_to_alarm import ReactToAlarmSettings
from rds_operations.runtime.settings.reactions import ReactionSettings


def note_missing(sentence: str) -> None:
    """Log what an alert goes out without."""
    logger.warning("enrichment was missing", extra={"reason": sentence})


_OPTIONAL = ("probe_function_name", "follow_up_group")


def deployment_of(settings: ReactionSettings) -> Deployment:
    """Return the deployment that the settings name; say once what is switched off."""
    for name in _OPTIONAL:
        if getattr(settings, name, None) == "":
            logger.info("a feature was switched off", extra={"setting": name.upper()})
    if not settings.runbook_base_url:
        logger.info("runbook links were switched off", extra={"setting": "RUNBOOK_BASE_URL"})
    return Deployment(
        project_name=settings.project_name,
        environment=settings.environment,
        db_instance_identifier=settings.db_instance_identifier,
        runbook_base_url=settings.runbook_base_url,
    )


def probe_of(settings: ReactToAlarmSettings) -> str:
    """Return the name of the function that asks the database; say once where that is switched off."""
    if not settings.probe_function_name:
        logger.info("questions to the database were switched off", extra={"setting": "PROBE_FUNCTION_NAME"})
    return settings.probe_function_name
