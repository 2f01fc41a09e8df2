"""How an entry of the catalogue reads: who may run it, who approves, what it takes."""

from aaroc_bot.commands import CheckMode, Entry, Parameter, Right, written

from .deploy import example_value, takes_what

WHO = {
    Right.ANYBODY: "members",
    Right.MEMBER: "members",
    Right.SITE_ADMIN: "the site's admins",
    Right.EXPERT: "experts",
}
PREDICTED = {
    CheckMode.FULL: "predicts it",
    CheckMode.PARTIAL: "predicts it in part",
    CheckMode.NONE: "not played",
}


def who(entry: Entry) -> str:
    """Say who may run it, by the least right."""
    return WHO[entry.may_run]


def approvals(entry: Entry) -> str:
    """Say how many experts must approve it."""
    if entry.approvals == 0:
        return "nobody's"
    return "an expert's" if entry.approvals == 1 else f"{entry.approvals} experts'"


def predicted(entry: Entry) -> str:
    """Say how far check mode predicts it."""
    return PREDICTED[entry.check_mode]


def parameters(entry: Entry) -> str:
    """Name its parameters with type, limits and what counts where one is not given."""
    return "; ".join(map(_parameter, entry.parameters)) or "none"


def _parameter(parameter: Parameter) -> str:
    if parameter.required:
        otherwise = ", required"
    elif parameter.default is None:
        otherwise = ""
    else:
        otherwise = f", else {written(parameter.default)}"
    return f"{parameter.name} ({takes_what(parameter)}{otherwise})"


def example(entry: Entry, site: str, verb: str) -> str | None:
    """Write how to ask for it at a site, with all that it requires.

    None where a value has to fit a pattern: none can be made up that does.
    """
    pairs = []
    for parameter in entry.parameters:
        if parameter.required:
            value = example_value(parameter)
            if value is None:
                return None
            pairs.append(f" {parameter.name}={written(value)}")
    return f"{verb} {entry.word} at {site}{''.join(pairs)}"
