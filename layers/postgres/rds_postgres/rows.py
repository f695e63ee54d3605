"""Composes the statements that make a small table of numbers, and that write and remove its rows.

Every name and value is quoted by the driver.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from psycopg import sql

from rds_postgres.statements import Name, Statement

WRITTEN_AT = "written_at"
"""When a row was written, by the server's clock."""


def create_table(name: Name, numbers: Sequence[str]) -> Statement:
    """Return the statement that makes a table of whole numbers, unique together, and of when each row was written.

    Args:
        name: Schema and name.
        numbers: The columns.
    """
    return sql.SQL("CREATE TABLE {} ({}, {} timestamptz NOT NULL DEFAULT clock_timestamp(), PRIMARY KEY ({}))").format(
        sql.Identifier(*name),
        sql.SQL(", ").join(sql.SQL("{} bigint").format(sql.Identifier(column)) for column in numbers),
        sql.Identifier(WRITTEN_AT),
        sql.SQL(", ").join(map(sql.Identifier, numbers)),
    )


def insert_row(name: Name, numbers: Mapping[str, int]) -> Statement:
    """Return the statement that writes one row.

    Args:
        name: Schema and name.
        numbers: The row, by column.
    """
    return sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
        sql.Identifier(*name),
        sql.SQL(", ").join(map(sql.Identifier, numbers)),
        sql.SQL(", ").join(map(sql.Literal, numbers.values())),
    )


def delete_rows(name: Name, column: str, number: int, *, older_than: timedelta) -> Statement:
    """Return the statement that removes the rows with a number, and those of any number that are old.

    Args:
        name: Schema and name.
        column: Where the number stands.
        number: Which.
        older_than: By the server's clock.
    """
    return sql.SQL("DELETE FROM {} WHERE {} = {} OR {} < clock_timestamp() - {}").format(
        sql.Identifier(*name),
        sql.Identifier(column),
        sql.Literal(number),
        sql.Identifier(WRITTEN_AT),
        sql.Literal(older_than),
    )
