"""Who asks for something, where and when: what is kept with it."""

from aaroc_bot.commands import Asked, Call


def asked(call: Call) -> Asked:
    """Write down who gives this command."""
    return Asked(
        call.person,
        call.said.account,
        call.said.place,
        call.now,
        call.standing.operator,
        call.said.event,
    )
