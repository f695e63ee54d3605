"""Reads the query files of a function."""

from pathlib import Path

from rds_operations.domain.errors import ConfigurationError
from rds_operations.domain.metric_queries import MetricQuery, parse_metric_query


def load_metric_queries(folder: Path) -> tuple[MetricQuery, ...]:
    """Return the metric of each `.sql` file in a folder, by name.

    Raises:
        ConfigurationError: a file is wrong, or there is none.
    """
    paths = sorted(folder.glob("*.sql"))
    if not paths:
        raise ConfigurationError(f"{folder} holds no metric, allowed: at least one .sql file")
    return tuple(parse_metric_query(path.stem, path.read_text(encoding="utf-8")) for path in paths)
