"""Which of some known words somebody meant."""

from collections.abc import Iterable

_LONGEST = 40
"""Characters; a longer word is no slip of the finger."""


def near(typed: str, known: Iterable[str], limit: int = 3) -> tuple[str, ...]:
    """Give the known words (lower case) that are nearest to what was typed, best first.

    >>> near("za-uf", ["za-uj", "za-ufs", "ke-nairobi"]), near("bdii", ["site-bdii", "ping"])
    (('za-ufs', 'za-uj'), ('site-bdii',))
    """
    if not 1 < len(typed) <= _LONGEST:
        return ()
    most = 1 if len(typed) < 5 else 2
    letters, scored = set(typed), []
    for word in known:
        # Each letter of one that the other has not costs a step: most words end here.
        alike = len(letters.difference(word)) <= most
        steps = distance(typed, word, most) if alike else most + 1
        if steps <= most:
            scored.append((steps, word))
        elif len(typed) > 2 and typed in word:
            scored.append((most + 1, word))
    return tuple(word for _, word in sorted(scored)[:limit])


def distance(one: str, two: str, most: int) -> int:
    """Count the letters to add, drop, change or swap with their neighbour; above `most`, give up.

    >>> distance("depoly", "deploy", 2), distance("status", "sites", 2)
    (1, 3)
    """
    if abs(len(one) - len(two)) > most:
        return most + 1
    above: list[int] = []
    row = list(range(len(two) + 1))
    for i, a in enumerate(one, 1):
        before, above, row = above, row, [most + 1] * (len(two) + 1)
        row[0] = i
        for j in range(max(1, i - most), min(len(two), i + most) + 1):  # farther off is too far
            b = two[j - 1]
            step = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a != b))
            if i > 1 and j > 1 and a == two[j - 2] and b == one[i - 2]:
                step = min(step, before[j - 2] + 1)
            row[j] = step
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)
