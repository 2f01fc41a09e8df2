"""Which permission a call needs, and how GitHub refuses a token without it."""

from re import compile as pattern

from aaroc_bot.sandbox.github.problem import Problem, absent
from aaroc_bot.sandbox.github.tokens import Right, Token

NEEDED = tuple(
    (pattern(method), pattern(path), right)
    for method, path, right in (
        ("GET", r"/(orgs|organizations)/[^/]+/.+", Right.MEMBERS_READ),
        ("POST|PUT|DELETE", r"/(orgs|organizations)/[^/]+/.+", Right.MEMBERS),
        ("POST|PATCH|DELETE", r"/repos/[^/]+/[^/]+/git/.+", Right.CONTENTS),
        ("PUT", r"/repos/[^/]+/[^/]+/pulls/\d+/merge", Right.CONTENTS),
        ("POST|PATCH|PUT", r"/repos/[^/]+/[^/]+/pulls(/.*)?", Right.PULLS),
        ("POST", r"/repos/[^/]+/[^/]+/statuses/.+", Right.STATUSES),
    )
)
HIDDEN = pattern(r"/(orgs|organizations)/[^/]+/teams?(/.*)?")
"""What GitHub denies to exist before a token that may not read it."""


def check(token: Token, method: str, path: str) -> None:
    """Raise `Problem`, as GitHub does, if the token has no right to ask this."""
    for methods, paths, right in NEEDED:
        if methods.fullmatch(method) and paths.fullmatch(path):
            if not _has(token, right):
                hidden = method == "GET" and HIDDEN.fullmatch(path)
                raise absent() if hidden else _not_accessible(token)
            return


def _has(token: Token, right: Right) -> bool:
    more = {Right.MEMBERS} if right is Right.MEMBERS_READ else set()
    return bool(token.rights & {right, *more})


def _not_accessible(token: Token) -> Problem:
    return Problem(403, f"Resource not accessible by {token.kind}")
