"""What people say around commands: the bot's name, thanks and greetings."""

from collections.abc import Sequence
from dataclasses import replace

from aaroc_bot.core.lexicon import Lexicon
from aaroc_bot.core.nearest import near
from aaroc_bot.core.typed import Token, tokens

NAMES = frozenset({"aaroc", "aaroc-bot"})
"""What the bot is called, with or without ``@`` before it and a mark behind."""

COURTESIES = frozenset(
    {
        "bonjour", "bye", "cool", "good afternoon", "good evening", "good morning", "great",
        "hello", "hey", "hi", "merci", "nice", "ok", "okay", "ok thanks", "salam", "thank you",
        "thanks", "thx", "welcome", "well done",
    }
)  # fmt: skip
"""Said to be kind, not to have something done."""

EVERYDAY = frozenset(
    {
        "change", "changes", "disable", "enable", "invite", "join", "merge", "new", "review",
        "set", "welcome",
    }
)  # fmt: skip
"""First words of commands with which people begin to talk to each other too."""

LONGEST = 80
"""Characters in which one is called by name, or thanked."""


def unaddressed(typed: Sequence[Token]) -> Sequence[Token]:
    """Take off what only gets the bot's ear: its name, and signs as in ``/status``, ``!status``.

    >>> [token.text for token in unaddressed(tokens("@aaroc: status ZA-UJ"))]
    ['status', 'ZA-UJ']
    """
    if typed and typed[0].word.lstrip("@") in NAMES:
        typed = typed[1:]
    bare = typed[0].text.lstrip("/!") if typed else ""
    if not bare or bare == typed[0].text:
        return typed
    return (replace(typed[0], text=bare), *typed[1:])


def is_called(text: str) -> bool:
    """Whether the bot is called by name with an ``@``: then it is not talk among others.

    >>> is_called("@aaroc what now"), is_called("AAROC meets today")
    (True, False)
    """
    typed = tokens(text[:LONGEST])
    return bool(typed) and typed[0].text.startswith("@") and typed[0].word[1:] in NAMES


def is_courtesy(text: str) -> bool:
    """Whether this is a greeting or thanks and nothing more.

    >>> is_courtesy("Thank you!"), is_courtesy("hello, @aaroc"), is_courtesy("hello status")
    (True, True, False)
    """
    if len(text) > LONGEST:
        return False
    words = [token.word.lstrip("@") for token in tokens(text)]
    return " ".join(word for word in words if word not in NAMES) in COURTESIES


def is_everyday(text: str, lexicon: Lexicon) -> bool:
    """Whether this only begins like a command, or nearly (``see`` is near to ``set``), and
    names nothing that one could be about.

    >>> is_everyday("new servers arrived today", Lexicon()), is_everyday("merge 52", Lexicon())
    (True, False)
    """
    typed = tokens(text[: 4 * LONGEST])
    if not typed or not (typed[0].word in EVERYDAY or near(typed[0].word, EVERYDAY)):
        return False
    return not any(_is_a_name(token, lexicon) for token in typed[1:])


def _is_a_name(token: Token, lexicon: Lexicon) -> bool:
    """Whether a word is a site, a service, a number, or gives something a value."""
    named = lexicon.site(token.word) or lexicon.service(token.word)
    return bool(named or token.name) or token.word.lstrip("#").isdecimal()
