"""An expert's word for another expert's new account."""

from aaroc_bot.commands import (
    Call,
    Effect,
    Lacking,
    Message,
    Person,
    Refusal,
    Right,
    command,
    quoted,
)

from ._wording import experts, logins


@command(
    "vouch <login>",
    right=Right.EXPERT,
    effect=Effect.ALTERS,
    decides=True,
    help="Let another expert's new account decide at once; ask them first whether it is theirs.",
)
async def vouch(call: Call, login: str) -> Message:
    """Vouch for every new account of an expert, never for oneself."""
    await call.require_expert_now()
    person = await _expert(call, login.removeprefix("@"))
    if person.id == call.person.id:
        others = [p for p in await call.people.experts() or () if p.id != person.id]
        raise Refusal(
            "Another expert vouches for you, not you yourself.",
            f"Other experts: {logins(others)}." if others else "There is no other expert yet.",
            lacks=Lacking.OWN_REQUEST,
        )
    accounts = await call.linking.vouch(person, call.standing)
    if not accounts:
        return Message(f"No account of {person.login} waits for that.")
    return Message(
        f"{person.login} decides by their new account from now on.",
        fields=tuple(("account", (quoted(str(account)),)) for account in accounts),
    )


async def _expert(call: Call, login: str) -> Person:
    known = await call.people.experts()
    if known is None:
        text = f"{await experts(call)} Nothing was changed."
        raise Refusal(text, lacks=Lacking.KNOWN)
    found = [person for person in known if person.login.casefold() == login.casefold()]
    if not found:
        raise Refusal(
            ("No ROC expert is called ", quoted(login, 40), ". Others need nobody to vouch."),
            await experts(call),
        )
    return found[0]
