"""Makes docs/metrics.md out of the headers of the query files."""

from collections.abc import Iterator, Sequence
from itertools import chain

from rds_operations.domain.metric_queries import Kind, MetricQuery, Node
from rds_operations.domain.metric_tiers import Tier

PATH = "docs/metrics.md"

_HEAD = """# Metrics

<!-- Generated from functions/push_metrics/queries by `make generate`: change a query file, not this file. -->

Every metric is one file in [functions/push_metrics/queries](../functions/push_metrics/queries): its name is the
metric's, its header says the rest, its SQL gives the value in the column `metric_value`. Adding a metric is adding a
file; `make metrics-check` runs them all and prints what they give. All are in the namespace `LangPont/RDS` with the
dimensions `Environment` and `DBInstanceIdentifier`, a replica's under its own identifier, and with those of the table
besides.

No row or NULL is no data, and so is what the first run of a new function would have to compare with the run before
([decision 8](adr/0008-memory-of-the-counters.md)). A query that fails is logged with its cause and counted in
`metric_query_failures`.
"""
_OWN = """## Of the function itself

| metric | unit | says |
|---|---|---|
| up | Count | 1 where the node was reached, logged in to and asked to the end, 0 where not; each node has its own |
| metric_query_duration_ms | Milliseconds | how long one run took, all nodes together |
| metric_query_failures | Count | how many metrics a run could not measure; a node that was not reached counts as one |
"""
_HEADER = """## {tier}

| metric | unit | on | says | taken as | by | also in |
|---|---|---|---|---|---|---|"""
_TIERS = {
    Tier.MINUTE: "Every minute",
    Tier.FIVE_MINUTES: "Every five minutes",
    Tier.HOUR: "Every hour",
    Tier.DAY: "Every day",
}
_NODES = {Node.PRIMARY: "primary", Node.REPLICA: "each replica", Node.ANY: "each node"}
_KINDS = {Kind.GAUGE: "", Kind.DIFFERENCE: "growth", Kind.RATE: "growth a second", Kind.RATIO: "ratio of growths"}


def catalogue(queries: Sequence[MetricQuery]) -> str:
    """Return the page about all metrics, in Markdown.

    Args:
        queries: The metrics, in any order.
    """
    of_tier = {tier: sorted((q for q in queries if q.tier is tier), key=lambda query: query.name) for tier in Tier}
    tiers = chain.from_iterable(_tier(tier, rows) for tier, rows in of_tier.items() if rows)
    return "\n".join([_HEAD, *tiers, _OWN])


def _tier(tier: Tier, queries: Sequence[MetricQuery]) -> Iterator[str]:
    yield _HEADER.format(tier=_TIERS[tier])
    yield from map(_row, queries)
    yield ""


def _row(query: MetricQuery) -> str:
    dimensions = f"{', '.join(query.dimensions)} (at most {query.at_most})" if query.dimensions else ""
    name = f"[{query.name}](../functions/push_metrics/queries/{query.name}.sql)"
    cells = (
        name,
        query.unit,
        _NODES[query.node],
        query.description,
        _KINDS[query.kind],
        dimensions,
        ", ".join(query.origin),
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
