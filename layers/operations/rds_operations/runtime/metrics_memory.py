"""Keeps what a run of push_metrics knows in the process, which Lambda keeps warm between runs.

Why here and nowhere else: docs/adr/0008-memory-of-the-counters.md.
"""

from rds_operations.domain.metric_memory import Memory


class WarmMemory:
    """A `MetricsMemory` that lives as long as the process: what a cold start begins with is empty."""

    def __init__(self) -> None:
        self._memory: Memory = {}

    def recall(self) -> Memory:
        """Return what was kept last."""
        return self._memory

    def keep(self, memory: Memory) -> None:
        """Keep this instead."""
        self._memory = memory
