"""Makes docs/metrics.md out of the headers of the query files."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from rds_operations.domain.metric_queries import (
    DEFAULT_ROWS,
    DEFAULT_VERSION,
    MAXIMUM_DIMENSIONS,
    MOST_ROWS,
    NEWEST_VERSION,
    OLDEST_VERSION,
    UNITS,
    Kind,
    MetricQuery,
    Node,
)
from rds_operations.domain.metric_tiers import Tier

PATH = "docs/metrics.md"


def _listed(values: Iterable[str]) -> str:
    return ", ".join(f"`{value}`" for value in values)


_HEAD = f"""# Metrics

<!-- Generated from functions/push_metrics/queries by `make generate`: change a query file, not this file. -->

Every metric is one file in [functions/push_metrics/queries](../functions/push_metrics/queries): its name is the
metric's, its [header](#the-header) says the rest, its SQL gives the value in the column `metric_value`. All are in the
namespace `LangPont/RDS` with the dimensions `Environment` and `DBInstanceIdentifier`, a replica's under its own
identifier, and with those of the table besides.

No row or NULL is no data, and so is what the first run of a new function would have to compare with the run before
([decision 8](adr/0008-memory-of-the-counters.md)). A query that fails is logged with its cause and counted in
`metric_query_failures`.

## Adding one

1. Write its file. `make metrics-check` runs them all and prints what they give.
2. Run `make generate`, which writes this page: the tests and `make validate` refuse a stale one.
3. Make what it measures happen in `tests/integration/test_metric_conditions_*.py`; a test looks for the name there.
4. Where it reads a table that no other metric reads: add that to `METRICS_TABLES` in
   `layers/operations/rds_operations/domain/database_roles.py`; the metrics' role may read these tables only.
5. Deploy: `make up` here, `make deploy ENV=dev` on AWS. Where the table is made after that, run
   `make set-up-database` with the same ENV ([database-roles.md](database-roles.md#when-it-runs)).

## The header

Lines of `-- key: value` at the top of the file, then an empty line. All that is wrong with them is told at once.

| key | what | without it |
|---|---|---|
| `description` | A sentence that says what the value means | refused |
| `unit` | One of CloudWatch: {", ".join(UNITS)} | refused |
| `timeout` | How long the query may run, from 100ms to 30s, e.g. `5s` | refused |
| `tier` | How often it is measured: {_listed(Tier)}; what grows never by `day` | `{Tier.MINUTE}` |
| `node` | On which servers: {_listed(Node)}, which is each of them | `{Node.PRIMARY}` |
| `kind` | What becomes of the value: `gauge` (it is one), `difference` (its growth since the last run), `rate` (that a second), `ratio` (100 times its growth by that of the column `metric_total`) | `{Kind.GAUGE}` |
| `version` | The oldest major version of PostgreSQL that can answer, {OLDEST_VERSION} to {NEWEST_VERSION}; older ones are not asked | {DEFAULT_VERSION} |
| `dimensions` | Columns that become further dimensions, comma-separated, at most {MAXIMUM_DIMENSIONS} | one row, no further dimension |
| `at_most` | How many rows there may be where there are dimensions, 1 to {MOST_ROWS}; the query limits itself to as many | {DEFAULT_ROWS} |
| `origin` | Who else measures the same, comma-separated | nobody |

`tier` and `node` stand in each of these files, and the keys in the order of this table; a test looks.
"""  # noqa: E501  rows of Markdown tables cannot be broken
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
