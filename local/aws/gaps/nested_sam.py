"""Nested stacks that are SAM templates: AWS transforms each child, the emulator only the root."""

from typing import Any

from ministack.services.cloudformation import engine


def install() -> None:
    """Transform a template whenever the emulator parses one for a nested stack (it looks the parser up by name)."""
    parse = engine._parse_template

    def parse_and_transform(body: str) -> dict[str, Any]:
        template: dict[str, Any] = engine._apply_transforms(parse(body))
        if isinstance(template, engine._TransformFailed):
            # The emulator reports a ValueError as the stack's failure.
            raise ValueError(template.error)  # noqa: TRY004
        return template

    engine._parse_template = parse_and_transform
