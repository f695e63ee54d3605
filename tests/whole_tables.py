"""One test for a whole table: every row is looked at, and every one that fails is named.

For long tables of small rows: a test of its own for each costs more time than what it looks at.
"""

import inspect
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any

import pytest

type Test = Callable[..., None]


def for_each(
    names: str | Sequence[str], rows: Iterable[Any], ids: Iterable[str] | Callable[[Any], str] = str
) -> Callable[[Test], Test]:
    """Let a test look at every row; it is written, and reads, as under `pytest.mark.parametrize`.

    Fixtures are made once for all rows. Any other error than a failed assertion ends the test at its row, and names
    the rows that had failed by then; a row that skips itself is a failure.

    Args:
        names: The arguments that a row gives: one, or several of which every row has one value each.
        rows: The table; an empty one fails.
        ids: What a failure calls its row: a name for each row, or what makes one of each value.
    """
    columns = [names] if isinstance(names, str) else list(names)
    table = [(row,) if isinstance(names, str) else tuple(row) for row in rows]
    called = ["-".join(map(ids, row)) for row in table] if callable(ids) else list(ids)

    def decorate(test: Test) -> Test:
        @wraps(test)
        def whole(**fixtures: Any) -> None:
            __tracebackhide__ = True
            failures = []
            for name, row in zip(called, table, strict=True):
                try:
                    test(**dict(zip(columns, row, strict=True)), **fixtures)
                except (AssertionError, pytest.fail.Exception) as error:
                    failures.append(f"{name}: {error}")
                except pytest.skip.Exception as error:
                    failures.append(f"{name}: skipped, {error}")
                except Exception as error:
                    error.add_note("\n".join([f"at {name}", *failures]))
                    raise
            assert table, "there is no row to look at"
            assert not failures, f"{len(failures)} of {len(table)} rows fail\n" + "\n".join(failures)

        signature = inspect.signature(test)
        others = [each for name, each in signature.parameters.items() if name not in columns]
        setattr(whole, "__signature__", signature.replace(parameters=others))  # noqa: B010
        return whole

    return decorate
