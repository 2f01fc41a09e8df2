"""Asking for a run: `plan`, `deploy`, `run`, `retry`. Checked here, then kept as a row."""

from aaroc_bot.commands import (
    Allowed,
    Call,
    Effect,
    Entry,
    Message,
    Parameter,
    ParameterType,
    Refusal,
    Request,
    Right,
    Run,
    Site,
    Text,
    Value,
    Wrong,
    WrongParameter,
    check,
    command,
    decide,
    entry_of,
    quoted,
    service_word,
    unfit,
    written,
)

from ._asked import asked
from ._wording import experts, joined, listed, to_type
from .run_card import run_message

Pairs = tuple[tuple[str, str], ...]


@command(
    "plan <entry> at <site> [parameters...]",
    right=None,
    effect=Effect.ALTERS,
    help="Show what a deploy or run would change, by check mode; nothing is altered.",
)
async def plan(call: Call, entry: str, site: str, parameters: Pairs = ()) -> Message:
    """Ask for a plan alone. It logs in to hosts, so it needs the right to run the entry."""
    return await _ask(call, await _found(call, None, entry, site), site, parameters, plan_only=True)


@command(
    "deploy <service> at <site> [parameters...] [when <reachable:flag>]",
    right=None,
    effect=Effect.ALTERS,
    help="Plan a service's deployment, ask an expert, run it; or wait until the site answers.",
)
async def deploy(
    call: Call, service: str, site: str, parameters: Pairs = (), *, reachable: bool = False
) -> Message:
    """Ask for a deployment of a service."""
    entry = await _found(call, "deploy", service, site)
    return await _ask(call, entry, site, parameters, patient=reachable)


@command(
    "run <entry> at <site> [parameters...] [when <reachable:flag>]",
    right=None,
    effect=Effect.ALTERS,
    help="Run an entry of the catalogue by its name; what alters something is planned first.",
)
async def run(
    call: Call, entry: str, site: str, parameters: Pairs = (), *, reachable: bool = False
) -> Message:
    """Ask for a run of an entry by name."""
    found = await _found(call, "run", entry, site)
    return await _ask(call, found, site, parameters, patient=reachable)


@command(
    "retry <run>",
    right=Right.MEMBER,
    effect=Effect.ALTERS,
    help="Ask for an ended run again, at the newest revision, as a new run.",
)
async def retry(call: Call, run: int) -> Message:
    """Ask for what an ended run did; everything is checked anew, the right to it included."""
    old = await call.runs.get(run)
    if old is None:
        raise Refusal(f"There is no run {run}.", ("To look: ", to_type("runs"), "."))
    if not old.state.ended:
        raise Refusal(f"Run {run} has not ended: it is {old.state}.")
    entry = await _found(call, old.verb, old.word, old.site)
    await call.require(entry, old.site)
    typed = tuple((name, _bare(value)) for name, value in old.given)
    return await _ask(
        call,
        entry,
        old.site,
        typed,
        plan_only=old.plan_only,
        retry_of=run,
        patient=old.patient,
    )


async def may_ask_again(call: Call, run: Run) -> bool:
    """Whether the speaker may `retry` a run, so that it may be suggested."""
    entries = await call.catalogue.entries()
    entry = next((e for e in entries if (e.verb, e.word) == (run.verb, run.word)), None)
    if entry is None:
        return False
    decision = decide(call.standing, entry.may_run, Effect.ALTERS, site=run.site, entry=entry)
    return isinstance(decision, Allowed)


def _bare(value: Value) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


async def _found(call: Call, verb: str | None, word: str, site: str) -> Entry:
    """Give the entry of that word; a deployment goes before a run of the same name."""
    entries = await call.catalogue.entries()
    if (found := entry_of(entries, verb, word)) is not None:
        return found
    known = sorted(e.typed for e in entries if verb in (None, e.verb))
    raise Refusal(
        (f"Nothing in the catalogue is called {verb or 'deploy or run'} ", quoted(word), "."),
        joined("There is:", ", ".join(known) + "." if known else "nothing yet."),
    )


async def _ask(
    call: Call,
    entry: Entry,
    site: str,
    typed: Pairs,
    *,
    plan_only: bool = False,
    retry_of: int | None = None,
    patient: bool = False,
) -> Message:
    described = await _fit(call, site)
    if entry.verb == "deploy":
        _there(entry, described)
    given, every = checked(entry, described, typed)
    run, fresh = await call.runs.ask(
        Request(
            entry=entry,
            site=described,
            given=given,
            parameters=every,
            asked=asked(call),
            plan_only=plan_only,
            bounded=call.standing.bounded,
            retry_of=retry_of,
            patient=patient,
        )
    )
    if fresh:
        return await run_message(call, run)
    return Message(f"Run {run.number} already asks for this; {_doing(run)}.", run=run.number)


def _doing(run: Run) -> str:
    return {
        "planning": "its plan is being made",
        "waiting": "it waits for an expert",
        "queued": "it is queued",
    }.get(run.state.value, f"it is {run.state.value}")


async def _fit(call: Call, name: str) -> Site:
    """Give the site, unless something about it forbids to run anything there."""
    site = next(s for s in await call.sites.all() if s.name == name)
    lines = await call.rules.unaccepted(name)
    reason = unfit(site, lines)
    if reason is None:
        return site
    next_step: Text = ("To look: ", to_type(f"status {name}"), ".")
    if lines and not site.broken:
        next_step = (f"An expert can accept them: accept {name}. ", await experts(call))
    raise Refusal(f"Nothing can run there: {reason}.", next_step)


def _there(entry: Entry, site: Site) -> None:
    """Refuse to deploy a service that the site does not have: no host would be matched."""
    has = sorted(set(map(service_word, site.services)))
    if entry.word not in has:
        runs: Text = f"It runs {listed(has)}." if has else "Its inventory has no service."
        look: Text = ("To look: ", to_type(f"status {site.name}"), ".")
        raise Refusal(f"{site.name} has no {entry.word}. {runs}", look)


def checked(
    entry: Entry, site: Site, typed: Pairs
) -> tuple[tuple[tuple[str, Value], ...], tuple[tuple[str, Value], ...]]:
    """Give the parameters that were typed and all of them. Refuses what an entry does not take."""
    names = [name for name, _ in typed]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise Refusal((quoted(twice, 40), " is given twice; once is enough."))
    try:
        return check(entry, dict(typed))
    except WrongParameter as wrong:
        raise Refusal(*_words(entry, site, wrong)) from None


def _words(entry: Entry, site: Site, wrong: WrongParameter) -> tuple[Text, ...]:
    """Say what a parameter takes, what it got, and an example that works."""
    parameter = wrong.parameter
    if parameter is None:
        known = ", ".join(p.name for p in entry.parameters)
        takes = f"it takes {known}" if known else "it takes none"
        return ((f"{entry.typed} has no parameter ", quoted(wrong.name, 40), f"; {takes}."),)
    value = example_value(parameter)
    example: tuple[Text, ...] = ()
    if value is not None:
        typed = f"{entry.typed} at {site.name} {parameter.name}={written(value)}"
        example = (("Example: ", to_type(typed)),)
    wants = f"{parameter.name} takes {takes_what(parameter)}"
    if wrong.why is Wrong.MISSING:
        return (f"{parameter.name} is missing: it takes {takes_what(parameter)}.", *example)
    got: Text = (f"{wants}; I got ", quoted(wrong.got or "", 60), ".")
    match wrong.why:
        case Wrong.LONG:
            got = f"{wants}; what I got has {len(wrong.got or ''):,} characters, which is too long."
        case Wrong.TEMPLATE:
            got = f"{parameter.name} is taken as plain text: no {{{{ }}}} or {{% %}} in it."
        case Wrong.CONTROL:
            got = f"{parameter.name} holds characters that cannot be seen; type it anew."
    return (got, *example)


def takes_what(parameter: Parameter) -> str:
    """Say what values a parameter takes."""
    match parameter.type:
        case ParameterType.INTEGER:
            low, high = parameter.minimum, parameter.maximum
            if low is not None and high is not None:
                return f"a number from {low} to {high}"
            if low is not None:
                return f"a number, {low} at least"
            return f"a number, {high} at most" if high is not None else "a number"
        case ParameterType.BOOLEAN:
            return "true or false"
        case ParameterType.CHOICE:
            return f"one of {', '.join(parameter.choices)}"
        case ParameterType.STRING:
            return f"text like {parameter.pattern}" if parameter.pattern else "text"


def example_value(parameter: Parameter) -> Value | None:
    """Give a value that it takes; None where none can be made up."""
    if parameter.default is not None:
        return parameter.default
    match parameter.type:
        case ParameterType.INTEGER:
            bounds = (parameter.minimum, parameter.maximum)
            return next((bound for bound in bounds if bound is not None), 1)
        case ParameterType.CHOICE:
            return parameter.choices[0]
        case ParameterType.BOOLEAN:
            return True
        case ParameterType.STRING:
            return None if parameter.pattern else "text"
