"""What was said, as JSON in plain ASCII: any text comes back exactly as it was typed."""

import json
from dataclasses import asdict
from datetime import datetime

from aaroc_bot.core.message import Account, Incoming, Place


def written(incoming: Incoming) -> str:
    """Write it down."""
    return json.dumps(asdict(incoming) | {"at": incoming.at.isoformat()}, ensure_ascii=True)


def read(body: str) -> Incoming:
    """Read what `written` wrote."""
    values = json.loads(body)
    return Incoming(
        **values
        | {
            "account": Account(**values["account"]),
            "place": Place(**values["place"]),
            "at": datetime.fromisoformat(values["at"]),
        }
    )
