"""Measures the application and the database by SQL, and prints the values as embedded metrics."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from rds_operations.adapters.clock import SystemClock
from rds_operations.adapters.database_nodes import node_databases
from rds_operations.runtime.events.metrics_request import requested_queries
from rds_operations.runtime.metric_queries import load_metric_queries
from rds_operations.runtime.metrics import EmbeddedMetricSink, function_metrics
from rds_operations.runtime.metrics_memory import WarmMemory
from rds_operations.runtime.metrics_records import record_metrics_run
from rds_operations.runtime.observability import logger
from rds_operations.runtime.settings.push_metrics import PushMetricsSettings
from rds_operations.runtime.settings.signing import signing_identity
from rds_operations.usecases.push_metrics import MetricsNodes, push_metrics

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

settings = PushMetricsSettings.from_env()
queries = load_metric_queries(Path(__file__).parent / "queries")
metrics = function_metrics(environment=settings.environment, db_instance_identifier=settings.db_instance_identifier)
memory = WarmMemory()
databases = node_databases(
    settings.endpoints, settings.access, identity=signing_identity, application_name="push_metrics"
)
nodes = MetricsNodes(settings.db_instance_identifier, databases)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:  # noqa: ARG001 - Lambda passes it
    """Measure what is due on each node over one connection; failed metrics are in the response."""
    request = requested_queries(event, queries)
    run = push_metrics(request, nodes=nodes, memory=memory, sink=EmbeddedMetricSink(metrics), clock=SystemClock())
    record_metrics_run(run)
    return run.as_response()
