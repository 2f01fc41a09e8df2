"""Text that every database takes."""

import re

UNSTORABLE = re.compile("[\0\ud800-\udfff]")
"""NUL, which PostgreSQL refuses, and lone surrogates, which have no UTF-8."""


def storable(text: str) -> str:
    """Put the replacement character where `text` has what a database refuses."""
    return UNSTORABLE.sub("\ufffd", text)
