"""Whether a call is Slack's: told by its headers first, then by all of it, before it is read."""

import re
import time
from collections.abc import Mapping

from slack_sdk.signature import SignatureVerifier

OLD = 300.0
"""Seconds by which a call's time may differ from ours: what is older may be a copy."""

_TIME = re.compile(r"[0-9]{1,12}")
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")


class Signature:
    """Knows Slack's calls by the signing secret."""

    def __init__(self, secret: str) -> None:
        """Raises ValueError for an empty secret."""
        self._verifier = SignatureVerifier(secret)

    def may_fit(self, headers: Mapping[str, str]) -> bool:
        """Whether it is worth reading the body: somebody signed something, and lately."""
        at, signature = _given(headers)
        if not _TIME.fullmatch(at) or not _SIGNATURE.fullmatch(signature):
            return False
        return abs(time.time() - int(at)) <= OLD

    def fits(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether Slack signed this body, lately."""
        if not self.may_fit(headers):
            return False
        try:
            return self._verifier.is_valid(body, *_given(headers))
        except UnicodeDecodeError:  # the verifier signs text
            return False


def _given(headers: Mapping[str, str]) -> tuple[str, str]:
    return headers.get("X-Slack-Request-Timestamp", ""), headers.get("X-Slack-Signature", "")
