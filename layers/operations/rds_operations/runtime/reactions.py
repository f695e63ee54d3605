"""What both reacting functions build from their settings."""

from rds_operations.domain.deployment import Deployment
from rds_operations.runtime.observability import logger
from rds_operations.runtime.settings.reactions import ReactionSettings


def note_missing(sentence: str) -> None:
    """Log what an alert goes out without."""
    logger.warning("enrichment was missing", extra={"reason": sentence})


def deployment_of(settings: ReactionSettings) -> Deployment:
    """Return the deployment that the settings name; say once where runbook links are switched off."""
    if not settings.runbook_base_url:
        logger.info("runbook links were switched off", extra={"setting": "RUNBOOK_BASE_URL"})
    return Deployment(
        project_name=settings.project_name,
        environment=settings.environment,
        db_instance_identifier=settings.db_instance_identifier,
        runbook_base_url=settings.runbook_base_url,
    )
