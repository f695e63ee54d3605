"""A test of a whole table looks at every row and names each that fails, as a test for each row would."""

from pathlib import Path

import pytest

from tests.whole_tables import for_each


def test_every_row_that_fails_is_named_with_its_reason() -> None:
    @for_each("number", [1, 2, 3])
    def is_odd(number: int) -> None:
        assert number % 2, f"{number} is even"

    @for_each(("name", "number"), [("one", 1), ("two", 2), ("four", 4)], ids=str)
    def is_two(name: str, number: int) -> None:
        assert number == 2

    with pytest.raises(AssertionError, match=r"1 of 3 rows fail\n2: 2 is even"):
        is_odd()
    with pytest.raises(AssertionError, match=r"(?s)2 of 3 rows fail\none-1: .*\nfour-4: "):
        is_two()


def test_error_that_was_not_raised_is_a_failure_of_its_row() -> None:
    @for_each("text", ["1", "x"])
    def is_no_number(text: str) -> None:
        with pytest.raises(ValueError, match=text):
            int(text)

    with pytest.raises(AssertionError, match="1 of 2 rows fail\n1: DID NOT RAISE"):
        is_no_number()


def test_another_error_says_at_which_row() -> None:
    @for_each("number", [1, 0], ids=["first", "second"])
    def divides(number: int) -> None:
        assert 1 / number

    with pytest.raises(ZeroDivisionError) as raised:
        divides()

    assert raised.value.__notes__ == ["at second"]


def test_another_error_hides_no_row_that_failed_before() -> None:
    @for_each("number", [2, 0])
    def is_small(number: int) -> None:
        assert 1 / number > 1, f"{number} is too large"

    with pytest.raises(ZeroDivisionError) as raised:
        is_small()

    assert raised.value.__notes__[0].startswith("at 0\n2: 2 is too large")


def test_row_that_skips_itself_fails() -> None:
    @for_each("number", [1])
    def is_skipped(number: int) -> None:
        pytest.skip(f"{number} is skipped")

    with pytest.raises(AssertionError, match="1: skipped, 1 is skipped"):
        is_skipped()


def test_empty_table_is_a_failure() -> None:
    @for_each("number", [])
    def is_odd(number: int) -> None:
        assert number % 2

    with pytest.raises(AssertionError, match="there is no row"):
        is_odd()


@for_each("name", ["a", "b"])
@for_each("number", [1, 2])
def test_tables_are_multiplied_and_fixtures_come_along(name: str, number: int, tmp_path: Path) -> None:
    (tmp_path / f"{name}{number}").touch(exist_ok=False)

    assert len(list(tmp_path.iterdir())) == ["a1", "a2", "b1", "b2"].index(f"{name}{number}") + 1
