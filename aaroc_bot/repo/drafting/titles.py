"""The one line that says what a Change is: its commit's and pull request's title."""

from collections.abc import Callable

from aaroc_bot.core.changes import (
    DisableService,
    EnableService,
    NewSite,
    RollBack,
    SetVariables,
    UnsetVariable,
    Wish,
)
from aaroc_bot.core.difference import SECRET
from aaroc_bot.core.secret_names import is_secret_name
from aaroc_bot.core.text import quoted
from aaroc_bot.repo.drafting.written import Written

LONGEST = 120
VALUE = 40
"""Characters of a value."""

Redact = Callable[[str], str]


def title(wish: Wish, written: Written, redact: Redact) -> str:
    """Say what a wish does: ``ZA-UJ bdii_port 2170 → 2171``."""
    return quoted(redact(_title(wish, written, redact)), LONGEST).text


def _title(wish: Wish, written: Written, redact: Redact) -> str:
    match wish:
        case SetVariables(site):
            told = [
                f"{name} {_value(name, before, redact)} → {_value(name, after, redact)}"
                for name, before, after in written.values
            ]
            return f"{site} {', '.join(told)}"
        case UnsetVariable(site, name):
            return f"{site} without {name}"
        case EnableService(site, service, host):
            return f"{site} {service} on {host}"
        case DisableService(site, service, None):
            return f"{site} without {service}"
        case DisableService(site, service, host):
            return f"{site} without {service} on {host}"
        case NewSite(name, like):
            return f"New site {name} like {like}"
        case RollBack(site, revision, run):
            by_run = "" if run is None else f" (run {run})"
            return f"{site} back to {revision[:7]}{by_run}"


def _value(name: str, value: str | None, redact: Redact) -> str:
    if value is None:
        return "not set"
    if is_secret_name(name):
        return SECRET
    return quoted(redact(value), VALUE).text if value else "empty"
