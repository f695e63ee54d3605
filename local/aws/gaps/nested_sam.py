"""Nested stacks: AWS transforms each SAM template, and an update leaves what did not change as it is.

The emulator transforms the root only, and forgets the attributes of a nested stack's unchanged resources.
"""

from typing import Any

from ministack.services.cloudformation import _stacks, engine, provisioners


def install() -> None:
    """Transform a template whenever one is parsed for a nested stack, and remember attributes on update."""
    # Both are looked up by name when they are called.
    engine._parse_template = _transforming(engine._parse_template)
    provisioners._update_resource = _remembering(provisioners._update_resource)


def _transforming(parse: Any) -> Any:
    def parse_and_transform(body: str) -> dict[str, Any]:
        template: dict[str, Any] = engine._apply_transforms(parse(body))
        if isinstance(template, engine._TransformFailed):
            # The emulator reports a ValueError as the stack's failure.
            raise ValueError(template.error)  # noqa: TRY004
        return template

    return parse_and_transform


def _remembering(update: Any) -> Any:
    def update_with_attributes(*resource: Any, old_attrs: dict[str, Any] | None = None) -> Any:
        *_, stack, logical_id = resource
        known = _stacks.get(stack, {}).get("_resources", {}).get(logical_id, {})
        return update(*resource, old_attrs=old_attrs or known.get("Attributes"))

    return update_with_attributes
