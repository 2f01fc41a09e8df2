"""Which names mean a secret, and which values stand behind them. In doubt a name is secret.

Names are judged by their words (``db_password``, ``dbPassword`` and ``DB-PASSWORD`` are
the same), because the repository is written by many hands and declares nothing.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_INSIDE = re.compile(
    "password|passwd|passphrase|passcode|motdepasse|secret|token|credential|keytab|kubeconfig"
    "|authorization|privatekey|apikey|accesskey|sharedkey|preshared|sshkey|community"
    "|kennwort|passwort|pswd|otpseed"
)
"""Anywhere in the name, its separators left out."""

_WORDS = _words(
    "pass passw pwd pw psk mdp cred creds cookie masterauth bearer jwt hmac pin salt snmpro snmprw"
)
_ENDINGS = ("pass", "passw", "pw", "pwd", "psk")
_NOT_A_PASS = frozenset({"bypass", "compass", "encompass", "trespass", "underpass", "overpass"})
_HARMLESS_BEFORE = {
    "pass": _words("through thru on by fail rate count"),
    "hmac": _words("sha md ripemd"),
    "pin": _words("priority"),
    "salt": _words("master minion api stack ssh"),
}
"""Words that mean a secret, and those before which they mean something else."""
_COMMUNITIES = {("snmp", "ro"), ("snmp", "rw")}
_PUBLIC_KEYS = _words(
    "public pub primary foreign sort partition gpg rpm apt yum repo host cache known "
    "authorized dictionary json index order group site"
)
"""Before a last word ``key``: keys that everybody may see, or no cryptographic key at all."""

_ABOUT = _words(
    "file files path paths dir directory folder ttl lifetime expiry expires expiration age days "
    "hours minutes seconds timeout interval length len size min max minimum maximum count "
    "policy type name names algorithm method mode enabled disabled required allowed prompt "
    "rotation version port addr address host hosts endpoint authentication auth encoding issuer audience"
)
"""As the last word: it tells something about a secret, not the secret (``token_ttl``)."""

_BESIDE = _words("user username users login email mail url uri realm domain id")
"""Keys beside a secret in a mapping with a secret name: ``credentials: {user: .., ..}``."""

_TRIVIAL = _words(
    "true false yes no on off none null omit default public private password secret token "
    "admin root enabled disabled required optional undefined localhost"
)
_NOTHING = _words(
    "true false yes no on off none null omit default enabled disabled required optional undefined"
) | {"", "~"}
_VAULTED = "__ansible_vault"
_REFERENCE = re.compile(r"\{\{[\s\w.\[\]'\"|]*\}\}")
_PATH = re.compile(r"~?(?:/[\w.-]+){2,}\.\w{1,5}")
_IN_URL = re.compile(r"://[^\s/?#@:]{0,256}:([^\s/?#]{1,512})@")

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_a-zA-Z]+")


@lru_cache(maxsize=8192)
def is_secret_name(name: str) -> bool:
    """Say whether a variable, parameter or header of this name holds a secret.

    >>> [is_secret_name(n) for n in ("ansible_become_pass", "bindpw", "apiKey", "munge_key")]
    [True, True, True, True]
    >>> [is_secret_name(n) for n in ("pass_through", "token_ttl", "public_key", "bypass")]
    [False, False, False, False]
    """
    words = [word.lower() for word in _WORD.findall(name)]
    if not words or words[-1] in _ABOUT:
        return False
    return (
        bool(_INSIDE.search("".join(words)))
        or (words[0] == "vault" and len(words) > 1)
        or any(map(_is_secret, words, [*words[1:], ""]))
        or (words[-1] == "key" and len(words) > 1 and words[-2] not in _PUBLIC_KEYS)
    )


def _is_secret(word: str, after: str) -> bool:
    if word in _WORDS:
        return after not in _HARMLESS_BEFORE.get(word, ())
    ends = word.endswith(_ENDINGS) and word not in _NOT_A_PASS
    return ends or (word, after) in _COMMUNITIES


def secret_values(variables: Mapping[str, object]) -> frozenset[str]:
    """Find the values of secret-named keys, wherever nested, and passwords inside of URLs.

    Below a secret name everything counts but users, addresses and the like. Left out is
    what would make texts unreadable and hides nothing: fewer than 4 characters, numbers
    of fewer than 6 digits, everyday words (``true``, ``public``, ``root``), a lone
    reference to a variable, the path of a file.

    >>> sorted(secret_values({"db": [{"user": "bdii", "pass": "hunter22"}], "port": 2170}))
    ['hunter22']
    """
    return frozenset(_found(variables, within=False))


def secret_places(variables: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Give where plain text stands behind a secret name, as a path of keys, and that text.

    Here no value is too short or too common to be a secret; left out is what is none:
    nothing, true and false, a lone reference to a variable, the path of a file, a vault.

    >>> list(secret_places({"db": [{"user": "bdii", "pass": "abc"}], "token": "{{ t }}"}))
    [('db.pass', 'abc')]
    """
    for key, value in variables.items():
        yield from _places(value, str(key), within=_counts(str(key), within=False))


def _places(value: object, path: str, *, within: bool) -> Iterator[tuple[str, str]]:
    match value:
        case Mapping() if _VAULTED in value:
            return
        case Mapping():
            for key, inner in value.items():
                inside = _counts(str(key), within=within)
                yield from _places(inner, f"{path}.{key}", within=inside)
        case list() | tuple() | set() | frozenset():
            for inner in value:
                yield from _places(inner, path, within=within)
        case bool() | None:
            return
        case _ if within and not _is_no_secret(str(value)):
            yield path, str(value)


def _is_no_secret(text: str) -> bool:
    bare = text.strip()
    return (
        bare.lower() in _NOTHING
        or bare.startswith("$ANSIBLE_VAULT;")
        or bool(_REFERENCE.fullmatch(bare) or _PATH.fullmatch(bare))
    )


def _found(value: object, *, within: bool) -> Iterator[str]:
    match value:
        case Mapping():
            for key, inner in value.items():
                yield from _found(inner, within=_counts(str(key), within=within))
        case list() | tuple() | set() | frozenset():
            for inner in value:
                yield from _found(inner, within=within)
        case str() | int() | float() if within:
            text = str(value)
            if not is_trivial(text):
                yield text
        case str():
            yield from _IN_URL.findall(value)


def _counts(key: str, *, within: bool) -> bool:
    if is_secret_name(key):
        return True
    last = (_WORD.findall(key.lower()) or [""])[-1]
    return within and last not in _ABOUT and last not in _BESIDE


def is_trivial(text: str) -> bool:
    """Whether to hide a value would make texts unreadable and hide nothing.

    Fewer than 4 characters or 6 digits, an everyday word, a reference, the path of a file.
    """
    bare = text.strip()
    return (
        len(bare) < 4
        or (bare.isdigit() and len(bare) < 6)
        or bare.lower() in _TRIVIAL
        or bool(_REFERENCE.fullmatch(bare) or _PATH.fullmatch(bare))
    )
