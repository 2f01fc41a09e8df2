"""Whether a range of hosts of an inventory (``wn[01:03].example.org``) has a host in it."""

import string

_LETTERS = string.ascii_letters


def covers(pattern: str, host: str) -> bool:
    """Whether a pattern stands for a host, as Ansible writes ranges out.

    A range that Ansible could not read covers everything: it cannot be told.

    >>> covers("wn[01:03].example.org", "wn02.example.org")
    True
    >>> covers("wn[01:09:2]-[a:c]", "wn02-b"), covers("wn[1:12]", "wn1"), covers("wn", "wn")
    (False, True, True)
    """
    head, opening, rest = pattern.partition("[")
    if not opening:
        return pattern == host
    bounds, closing, tail = rest.partition("]")
    if not closing or bounds.count(":") not in {1, 2}:
        return True
    if not host.startswith(head):
        return False
    left = host[len(head) :]
    first, last, *step = bounds.split(":")
    longest = max(len(first), len(last), 1)
    within = (left[:size] for size in range(1, longest + 1) if size <= len(left))
    try:
        return any(
            _in(word, first or "0", last, step[0] if step else "1")
            and covers(tail, left[len(word) :])
            for word in within
        )
    except ValueError:
        return True


def _in(word: str, first: str, last: str, step: str) -> bool:
    """Whether a word is one of a range. Raises ValueError for a range that is none."""
    if first in _LETTERS and last in _LETTERS and first and last:
        letters = _LETTERS[_LETTERS.index(first) : _LETTERS.index(last) + 1 : int(step)]
        return word in list(letters)
    numbers = range(int(first), int(last) + 1, int(step))
    if not (word.isascii() and word.isdecimal()) or int(word) not in numbers:
        return False
    padded = first[0] == "0" and len(first) > 1
    return word == (str(int(word)).zfill(len(first)) if padded else str(int(word)))
