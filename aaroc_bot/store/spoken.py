"""What was said, as JSON in plain ASCII: any text comes back exactly as it was typed."""

import json
from dataclasses import fields
from datetime import datetime

from aaroc_bot.core.message import Account, Incoming, Place

# Not `dataclasses.asdict`: it copies deeply, which took most of the time of taking in.
INCOMING, ACCOUNT, PLACE = ([f.name for f in fields(kind)] for kind in (Incoming, Account, Place))


def written(incoming: Incoming) -> str:
    """Write it down."""
    values = _values(incoming, INCOMING) | {
        "account": _values(incoming.account, ACCOUNT),
        "place": _values(incoming.place, PLACE),
        "at": incoming.at.isoformat(),
        "until": incoming.until and incoming.until.isoformat(),
    }
    return json.dumps(values, ensure_ascii=True)


def read(body: str) -> Incoming:
    """Read what `written` wrote."""
    values = json.loads(body)
    return Incoming(
        **values
        | {
            "account": Account(**values["account"]),
            "place": Place(**values["place"]),
            "at": datetime.fromisoformat(values["at"]),
            "until": _moment(values.get("until")),
        }
    )


def _moment(written: str | None) -> datetime | None:
    return None if written is None else datetime.fromisoformat(written)


def _values(of: object, names: list[str]) -> dict[str, object]:
    return {name: getattr(of, name) for name in names}
