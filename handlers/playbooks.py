"""The catalogue: what may be run, by whom, and what was refused when it was loaded."""

from aaroc_bot.commands import Call, Effect, Message, Origin, Right, Text, command

from ._entries import approvals, parameters, predicted, who
from ._lists import Row, shortened
from ._repository import told
from ._wording import count, to_type

ROWS = 30
REFUSED = 5


@command(
    "playbooks",
    right=Right.MEMBER,
    effect=Effect.READS,
    help="Show the catalogue: what may be run, by whom, and how many approve.",
)
async def playbooks(call: Call) -> Message:
    """List the entries in force, and those that were refused with file and line."""
    entries = sorted(await call.catalogue.entries(), key=lambda entry: entry.typed)
    refused = await call.catalogue.findings()
    rows: list[Row] = [
        (
            entry.typed,
            who(entry),
            approvals(entry),
            predicted(entry),
            "the bot's" if entry.origin is Origin.BOT else f"{entry.path}:{entry.line}",
            parameters(entry),
        )
        for entry in entries
    ]
    head = ("entry", "who may run it", "approval", "check mode", "whose", "parameters")
    top = shortened(rows, limit=ROWS, name="playbooks.txt", head=head)
    faults: list[Text] = [told(finding) for finding in refused[:REFUSED]]
    if len(refused) > REFUSED:
        faults.append(f"{len(refused) - REFUSED} more; `aaroc-bot check` at the machine has all.")
    return Message(
        f"The catalogue: {_counted(len(rows))}"
        + (f", {count(len(refused), 'fault')} found when it was loaded" if refused else ""),
        table=top.table,
        notes=(*faults, *top.notes, ("How to ask for one: ", to_type("help"))),
        file=top.file,
    )


def _counted(number: int) -> str:
    return "no entry" if not number else "1 entry" if number == 1 else f"{number} entries"
