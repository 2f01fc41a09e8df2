"""What there is to say when the repository gives no site, or more than is in force."""

from collections.abc import Sequence

from aaroc_bot.commands import Call, Finding, Message, Revision, Text, Unavailable, quoted, when

from ._sites import decides, where
from ._wording import commit, count, joined, to_type


def unread(call: Call, away: Unavailable) -> Message:
    """Say that the DevOps repository was never read."""
    since: Text = (" since ", when(away.since, call.now)) if away.since else ""
    return Message(
        joined("No site is known:", (f"{away.what} can't be read", *since, ".")),
        lines=("The operator names the repository with AAROC_REPOSITORY.",),
    )


async def empty(call: Call, newest: Revision) -> Message:
    """Say that the repository was read and describes no site, and what it has instead."""
    findings = await call.sites.findings()
    return Message(
        ("The repository describes no site at ", commit(call, newest), "."),
        lines=(
            "A site is an inventory in Ansible/inventories, or one that .aaroc.yml names.",
            *map(told, findings[:3]),
        ),
    )


def told(finding: Finding) -> Text:
    """Say where something is wrong and what."""
    return joined((quoted(where(finding)),), finding.what)


async def beside_the_sites(call: Call) -> Sequence[Text]:
    """Say what belongs to no site: findings, refused entries, rules that wait for a yes."""
    lines: list[Text] = []
    findings = await call.sites.findings()
    if findings:
        more = f"{len(findings) - 1} more." if len(findings) > 1 else ""
        lines.append(joined("Of no site:", told(findings[0]), more and f"· {more}"))
    refused = await call.catalogue.findings()
    if refused:
        lines.append((f"Catalogue: {count(len(refused), 'fault')}: ", to_type("playbooks")))
    pending = await call.rules.pending()
    if pending is not None:
        lines.append(await _pending(call, pending.revision.short))
    return lines


async def _pending(call: Call, revision: str) -> Text:
    accepted = await call.rules.accepted()
    text: Text = (
        "Rules newer than those in force wait for an expert (in force: ",
        commit(call, accepted),
        f", waiting: {revision}).",
    )
    if decides(call):
        return joined(text, ("To read them: ", to_type("accept rules")))
    return text
