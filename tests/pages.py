"""What the tests of pages look for: tags that do not nest, and anything that is loaded from elsewhere."""

import re
from html.parser import HTMLParser

FOREIGN = re.compile(r"(?:src|href|url|@import|xlink)\s*[=(]?\s*['\"(]?\s*(?:https?:)?//", re.IGNORECASE)
VOID = {"meta"}


class Nesting(HTMLParser):
    """Notes what is closed in another order than it was opened."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)
