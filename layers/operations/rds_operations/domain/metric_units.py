"""How values of metrics read: CloudWatch gives bytes and seconds as plain numbers."""

_BYTES = frozenset(
    {
        *("FreeStorageSpace", "FreeableMemory", "SwapUsage", "TransactionLogsDiskUsage"),
        *("OldestReplicationSlotLag", "ReplicationSlotDiskUsage", "TransactionLogsGeneration"),
    }
)
_SECONDS = frozenset({"ReadLatency", "WriteLatency", "ReplicaLag"})
_PERCENT = frozenset({"CPUUtilization", "EBSByteBalance%", "EBSIOBalance%"})
_STEP = 1024
_BYTE_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")
_WHOLE_FROM, _ONE_DECIMAL_FROM = 1000, 10


def measured(metric: str, value: float) -> str:
    """Return a value with the unit that RDS documents for the metric; a plain number for other metrics.

    Args:
        metric: The metric's name.
        value: As CloudWatch gives it: bytes, seconds, per cent or a count.
    """
    if metric in _BYTES:
        return _bytes(value)
    if metric in _SECONDS:
        return f"{plain(value * 1000)} ms" if abs(value) < 1 else f"{plain(value)} s"
    return f"{plain(value)} %" if metric in _PERCENT else plain(value)


def plain(value: float) -> str:
    """Return a number for people: whole from a thousand on, one decimal from ten on, else three digits that count."""
    if abs(value) >= _WHOLE_FROM or float(value).is_integer():
        return f"{round(value):,}"
    if abs(value) >= _ONE_DECIMAL_FROM:
        return f"{value:.1f}".removesuffix(".0")
    return f"{value:.3g}"


def _bytes(value: float) -> str:
    size, unit = float(value), 0
    while abs(size) >= _STEP and unit < len(_BYTE_UNITS) - 1:
        size, unit = size / _STEP, unit + 1
    return f"{plain(round(size, 1))} {_BYTE_UNITS[unit]}"
