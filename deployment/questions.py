"""Asks a person before something is changed; where nobody can be asked, it says what to set instead."""

import sys
from dataclasses import dataclass

import typer

from deployment.errors import RefusedError


@dataclass(frozen=True, slots=True)
class Questions:
    """The person at the terminal, or nobody.

    Args:
        answered: An answer that was given beforehand: "yes" to deploy, the stack's name to destroy; empty for none.
        there_is_a_person: Whether somebody is at the terminal.
    """

    answered: str = ""
    there_is_a_person: bool = False

    def agrees(self, question: str) -> bool:
        """Return whether the answer is yes.

        Raises:
            RefusedError: there is no answer, and nobody to ask.
        """
        if self.answered:
            return True
        if not self.there_is_a_person:
            raise RefusedError("this environment asks before it is changed, and nobody is here to answer: set YES=1")
        return typer.confirm(question)

    def typed_name(self, name: str) -> str:
        """Return the name that was typed, or given beforehand.

        Raises:
            RefusedError: none was given, and nobody is there to type it.
        """
        if self.answered:
            return self.answered
        if not self.there_is_a_person:
            raise RefusedError(f"nobody is here to type the stack's name: set CONFIRM={name}")
        return str(typer.prompt(f"This cannot be undone. Type {name} to destroy it", default="", show_default=False))


def of_the_terminal(answered: str) -> Questions:
    """Return the person at this program's terminal, with an answer given beforehand."""
    return Questions(answered, sys.stdin.isatty() and sys.stdout.isatty())
