"""What somebody typed in Slack, from how Slack writes it down.

Slack escapes three characters and puts mentions, channels and addresses in angle brackets;
even ``bdii.uj.example`` becomes a link that nobody typed.
"""

import re

NAME = "@aaroc"
"""The bot's name, as the grammar knows it, for a mention in the middle of a sentence."""

_MARK = re.compile(r"<([^<>]*)>")
_UNSTORABLE = re.compile("[\ud800-\udfff\0]")


def said(text: str, bot: str) -> tuple[str, bool]:
    """Give what was typed, and whether it mentions the bot (`bot` is its user id).

    The mention that calls the bot, before or behind the command, is no part of it.

    >>> said("<@U0BOT> status ZA-UJ &amp; more", "U0BOT")
    ('status ZA-UJ & more', True)
    >>> said("status <http://bdii.uj.example|bdii.uj.example> <@U7>", "U0BOT")
    ('status bdii.uj.example @U7', False)
    >>> said("is <@U0BOT> there", "U0BOT")
    ('is @aaroc there', True)
    """
    mention = re.compile(rf"<@{re.escape(bot)}(?:\|[^<>]*)?>")
    called = mention.search(text) is not None
    if called:
        text = mention.sub(NAME, _unaddressed(text.strip(), mention))
    text = _MARK.sub(lambda mark: _typed(mark[1]), text)
    for written, sign in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(written, sign)
    return _UNSTORABLE.sub("\ufffd", text).strip(), called


def _unaddressed(text: str, mention: re.Pattern[str]) -> str:
    """Take off a mention at the beginning and at the end; no more than one look at each."""
    if first := mention.match(text):
        text = text[first.end() :].lstrip(" \t\n:,")
    last = text.rfind("<")
    return text[:last] if last >= 0 and mention.fullmatch(text, last) else text


def _typed(mark: str) -> str:
    """Give what stands for a mark: ``#roc``, ``@U7``, an address as it was typed."""
    what, _, label = mark.partition("|")
    match what[:1]:
        case "#":
            return "#" + (label or what[1:])
        case "@":
            return "@" + (label or what[1:])
        case "!":
            return label or "@" + what[1:]
        case _:
            return label or what
