"""Where a link may lead, in every chat."""

from urllib.parse import urlsplit

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def may_be_followed(url: str) -> bool:
    """Whether it may be linked to: https, or http on loopback (the sandbox's own GitHub)."""
    try:
        address = urlsplit(url)
        name = address.hostname
    except ValueError:
        return False
    return bool(name) and (
        address.scheme == "https" or (address.scheme == "http" and name in LOOPBACK)
    )
