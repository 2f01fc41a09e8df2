"""Connections to GitHub that follow nothing, repeat nothing, and end.

PyGithub's own follow a 301 with the same method and body, without its query; wait and ask
again at a 202; read answers of any size; and take as long as the server goes on sending.
"""

import time
from collections.abc import ItemsView
from ssl import SSLCertVerificationError
from urllib.parse import urlsplit

import urllib3
from github.Requester import HTTPSRequestsConnectionClass, RequestsResponse
from requests import Response
from requests.exceptions import ConnectTimeout
from urllib3.exceptions import NewConnectionError, SSLError

LARGEST = 16 * 1024 * 1024
"""Bytes of an answer: a listing of a tree, GitHub's largest, has 7 MB at most."""
LONGEST = 5
"""Times the limit of one step that reading a whole answer may take."""
IDLE = 5.0
"""Seconds after which a connection is made anew before a write.

One that the other side dropped meanwhile would leave unknown whether the write arrived.
"""


class Redirected(Exception):
    """GitHub sends the question elsewhere; the bot goes nowhere that it was not told of."""

    def __init__(self, status: int) -> None:
        """Keep the status."""
        super().__init__("GitHub says that it is elsewhere now (was it renamed?)")
        self.status = status


class Broken(OSError):
    """The answer broke off, is too big, or takes too long."""


def never_sent(problem: OSError) -> bool:
    """Whether a fault proves that the question did not even reach GitHub."""
    reason = getattr(problem.args[0], "reason", None) if problem.args else None
    untrusted = isinstance(reason, SSLError) and any(
        isinstance(one, SSLCertVerificationError) for one in reason.args
    )
    return (
        isinstance(problem, ConnectTimeout) or isinstance(reason, NewConnectionError) or untrusted
    )


class _Answer(RequestsResponse):
    """An answer that was read already."""

    def __init__(self, response: Response, body: bytes) -> None:
        super().__init__(response)
        self._body = body

    def getheaders(self) -> ItemsView[str, str]:
        return self.headers.items()

    def read(self) -> str:
        return self._body.decode(errors="replace")


class Connection(HTTPSRequestsConnectionClass):
    """One thread's; it is opened when something is asked."""

    def __init__(self, url: str, seconds: int) -> None:
        """Know where to; `seconds` limits opening it and each wait for more of an answer."""
        parts = urlsplit(url)
        super().__init__(parts.hostname or "", parts.port, timeout=seconds, retry=0)
        self._used_at = 0.0
        if parts.scheme == "http":  # loopback: a proxy of the environment would get the question
            self.protocol = "http"
            self.port = parts.port or 80
            self.session.trust_env = False

    def getresponse(self) -> _Answer:
        """Ask, and read the whole answer. Raises `Redirected`, or an OSError."""
        self._renew()
        ends = time.monotonic() + LONGEST * (self.timeout or 0)
        response = self.session.request(
            self.verb,
            f"{self.protocol}://{self.host}:{self.port}{self.url}",
            headers=self.headers,
            data=self.input,
            timeout=self.timeout,
            allow_redirects=False,
            stream=True,
        )
        with response:
            if 300 <= response.status_code < 400 and response.status_code != 304:
                raise Redirected(response.status_code)
            if response.status_code == 202 and self.verb == "GET":
                raise Broken("GitHub is still working it out")
            answer = _Answer(response, _whole(response.raw, ends))
        self._used_at = time.monotonic()
        return answer

    def _renew(self) -> None:
        if self.verb != "GET" and time.monotonic() - self._used_at > IDLE:
            self.session.close()


def _whole(raw: urllib3.HTTPResponse, ends: float) -> bytes:
    body = bytearray()
    try:
        while chunk := raw.read1(65536, decode_content=True):
            body += chunk
            if len(body) > LARGEST:
                raise Broken("GitHub's answer is too big")
            if time.monotonic() > ends:
                raise Broken("GitHub's answer takes too long")
    except urllib3.exceptions.HTTPError as problem:
        raise Broken("GitHub's answer broke off") from problem
    return bytes(body)
