"""Where a secret may be sent: over TLS, or to this machine itself."""

import ipaddress
from urllib.parse import urlsplit


def is_local(url: str) -> bool:
    """Whether an address is this machine's own: no proxy stands before it."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_private(url: str) -> bool:
    """Whether nobody on the way reads what is sent there."""
    scheme = urlsplit(url).scheme
    return scheme == "https" or (scheme == "http" and is_local(url))
