import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aaroc_bot.core.entries import Entry, Origin
from aaroc_bot.core.grammar import (
    LIMIT,
    AmbiguousSite,
    Given,
    Malformed,
    Missing,
    Nearest,
    Parsed,
    TooLong,
    Unexpected,
    UnknownCommand,
    UnknownEntry,
    UnknownService,
    UnknownSite,
    Wants,
    lexicon,
    parse,
    pattern,
)
from aaroc_bot.core.sites import Site
from aaroc_bot.core.typed import tokens

PATTERNS = [
    pattern(text)
    for text in (
        "help [words...]",
        "whoami",
        "sites",
        "status [site]",
        "status all",
        "diff <site> <other:site> [service]",
        "plan <service> at <site> [parameters...]",
        "deploy <entry> at <site> [parameters...]",
        "run <entry> at <site> [parameters...]",
        "approve [run]",
        "deny <run> [reason...]",
        "cancel <run> [now]",
        "runs [site] [page <page>]",
        "lock <site> until <time> [reason...]",
        "unlock <site>",
        "history <site> [page <page>]",
        "accept rules <revision>",
        "accept <site>",
        "set <site> <change:parameters> [because <reason...>]",
        "invite <login>",
    )
]
BY_TEXT = {candidate.text: candidate for candidate in PATTERNS}


def entry(verb: str, subject: str) -> Entry:
    return Entry(verb, subject, "p.yml", Origin.BOT, "catalogue.yml", 1)


LEXICON = lexicon(
    [
        Site("ZA-UJ", "", aliases=("za-uj", "uj", "kenet"), services={"site-bdiis": ("bdii1",)}),
        Site("KE-NAIROBI", "", aliases=("grid", "kenet.or.ke"), services={"Worker_Nodes": ("w",)}),
        Site("ZA-UFS", "", aliases=("grid",)),
        Site("KENET", ""),
    ],
    [entry("deploy", "site-bdiis"), entry("run", "ping"), entry("run", "check-site")],
)


def read(text: str) -> object:
    return parse(text, PATTERNS, LEXICON)


@pytest.mark.parametrize(
    ("typed", "command"),
    [
        ("status", "status"),
        ("STATUS All", "status all"),
        ("status za_uj", "status ZA-UJ"),
        ("status za uj?", "status ZA-UJ"),
        ("status UJ.", "status ZA-UJ"),
        ("/status uj", "status ZA-UJ"),
        ("@aaroc status uj", "status ZA-UJ"),
        ("aaroc: status uj", "status ZA-UJ"),
        ("AAROC, status uj", "status ZA-UJ"),
        ("@aaroc-bot /status uj", "status ZA-UJ"),
        ("`status uj`", "status ZA-UJ"),
        ("status kenet", "status KENET"),  # the name goes before ZA-UJ's alias
        ("status “za-uj”", "status ZA-UJ"),
        ("status\u00a0za\u2011uj", "status ZA-UJ"),
        ("\u200fstatus \u2067za-uj\u2069", "status ZA-UJ"),
        ("ｓｔａｔｕｓ ｚａ－ｕｊ", "status ZA-UJ"),
        ("deploy site-bdii at ZA-UJ", "deploy site-bdii at ZA-UJ"),
        ("deploy site_bdiis on za-uj", "deploy site-bdii at ZA-UJ"),
        ("Deploy Site BDII za-uj", "deploy site-bdii at ZA-UJ"),
        ("deploy « site-bdii » for uj port=٢١٧١", "deploy site-bdii at ZA-UJ port=2171"),
        ("deploy site-bdii uj port=۲۱۷۱", "deploy site-bdii at ZA-UJ port=2171"),
        ("deploy site-bdii uj with a=1 and b=2", "deploy site-bdii at ZA-UJ a=1 b=2"),
        ("plan worker nodes in kenet.or.ke", "plan worker-node at KE-NAIROBI"),
        ("run check_site to uj", "run check-site at ZA-UJ"),
        ("diff uj and ke-nairobi", "diff ZA-UJ KE-NAIROBI"),
        ("diff uj ke nairobi site bdii", "diff ZA-UJ KE-NAIROBI site-bdii"),
        ("approve", "approve"),
        ("approve run #12", "approve 12"),
        ("approve run12.", "approve 12"),
        ("approve # ١٢", "approve 12"),
        ("cancel 12", "cancel 12"),
        ("cancel 12 NOW", "cancel 12 now"),
        ("runs page 2", "runs page 2"),
        ("runs uj page 2", "runs ZA-UJ page 2"),
        ("history at za-uj page 2", "history ZA-UJ page 2"),
        ("accept rules 4F2C1D9", "accept rules 4f2c1d9"),
        ("accept za-uj", "accept ZA-UJ"),
        ("lock uj 18:00", "lock ZA-UJ until 18:00"),
        ("lock uj for 2 hours", "lock ZA-UJ until 2 hours"),
        ("set uj a=1 because x = y", "set ZA-UJ a=1 because x = y"),
    ],
)
def test_commands_as_people_type_them(typed: str, command: str) -> None:
    parsed = read(typed)
    assert isinstance(parsed, Parsed), parsed
    assert parsed.typed == command


@pytest.mark.parametrize(
    ("typed", "slot", "value"),
    [
        ("deny 12  “not”  today – it's  late.", "reason", "“not”  today – it's  late."),
        ("deny 12 to be sure", "reason", "to be sure"),
        ("lock uj until tomorrow 08:00 SAST Switch “A”", "reason", "Switch “A”"),
        ("lock uj until tomorrow 08:00 SAST Switch", "time", "tomorrow 08:00 SAST"),
        ("lock uj until ١٨:٠٠ تحديث ١٢", "reason", "تحديث ١٢"),
        ("help deploy", "words", "deploy"),
        ("deny 12", "reason", None),
        ("cancel 12", "now", False),
        ("cancel 12 now", "now", True),
        ("runs page 2", "site", None),
        ("runs page 2", "page", 2),
        ("invite Some-Body", "login", "Some-Body"),
        ("deploy site-bdii uj", "parameters", ()),
        ("deploy site-bdii uj x='it's'", "parameters", (("x", "it's"),)),
        ("deploy site-bdii uj x=“two  words”", "parameters", (("x", "two  words"),)),
        ("deploy site-bdii uj x=«\u00a0deux mots\u00a0» y=", "parameters", (("x", "deux mots"), ("y", ""))),
        ('deploy site-bdii uj x="a \'b\' ١"', "parameters", (("x", "a 'b' ١"),)),
        ('deploy site-bdii uj x="{{ y }}"', "parameters", (("x", "{{ y }}"),)),
        ("deploy site-bdii uj X.y-z=a=b", "parameters", (("X.y-z", "a=b"),)),
        ("deploy site-bdii uj x=a–b", "parameters", (("x", "a–b"),)),
    ],
)  # fmt: skip
def test_slots_get_exactly_what_was_meant(typed: str, slot: str, value: Given) -> None:
    parsed = read(typed)
    assert isinstance(parsed, Parsed), parsed
    assert parsed.values[slot] == value


def wrong(slot: str, typed: str, wants: Wants, text: str) -> Malformed:
    return Malformed(slot, typed, wants, BY_TEXT[text])


DEPLOY, PLAN = (
    "deploy <entry> at <site> [parameters...]",
    "plan <service> at <site> [parameters...]",
)
LOCK = "lock <site> until <time> [reason...]"


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", UnknownCommand("", ())),
        ("\u200b \n", UnknownCommand("", ())),
        ("frobnicate it", UnknownCommand("frobnicate", ())),
        ("status za-uf", UnknownSite("za-uf", ("ZA-UFS", "ZA-UJ"), BY_TEXT["status [site]"])),
        ("accept nowhere", UnknownSite("nowhere", (), BY_TEXT["accept <site>"])),
        ("status grid", AmbiguousSite("grid", ("KE-NAIROBI", "ZA-UFS"), BY_TEXT["status [site]"])),
        ("deploy frob at uj", UnknownEntry("frob", (), ("site-bdii",), "deploy", BY_TEXT[DEPLOY])),
        ("deploy ping at uj", UnknownEntry("ping", (), ("site-bdii",), "deploy", BY_TEXT[DEPLOY])),
        (
            "plan sit bdii at uj",
            UnknownService("sit bdii", ("site-bdii",), ("site-bdii", "worker-node"), BY_TEXT[PLAN]),
        ),
        ("deploy site-bdii", Missing("site", BY_TEXT[DEPLOY])),
        ("deploy site-bdii at", Missing("site", BY_TEXT[DEPLOY])),
        ("accept", Missing("site", BY_TEXT["accept <site>"])),
        ("accept rules", Missing("revision", BY_TEXT["accept rules <revision>"])),
        ("accept rules xyz", wrong("revision", "xyz", Wants.REVISION, "accept rules <revision>")),
        ("approve it", wrong("run", "it", Wants.RUN, "approve [run]")),
        ("approve 0", wrong("run", "0", Wants.RUN, "approve [run]")),
        ("approve 1234567890123456789", wrong("run", "1234567890123456789", Wants.RUN, "approve [run]")),
        ("history uj page x", wrong("page", "x", Wants.PAGE, "history <site> [page <page>]")),
        ("lock uj until later", wrong("time", "later", Wants.TIME, LOCK)),
        ("deploy site-bdii uj port", wrong("parameters", "port", Wants.PAIR, DEPLOY)),
        ("deploy site-bdii uj a=1 b", wrong("parameters", "b", Wants.PAIR, DEPLOY)),
        ("deploy site-bdii uj a=1 a=2", wrong("parameters", "a=2", Wants.ONCE, DEPLOY)),
        ("deploy site-bdii uj a='1", wrong("parameters", "a='1", Wants.CLOSED_QUOTE, DEPLOY)),
        ("x" * (LIMIT + 1), TooLong(LIMIT + 1, LIMIT)),
    ],
)  # fmt: skip
def test_what_is_not_understood_names_the_part(typed: str, why: object) -> None:
    assert read(typed) == why


@pytest.mark.parametrize(
    ("typed", "command", "guessed"),
    [
        ("depoly site bdii za-uj", "deploy site-bdii at ZA-UJ", False),
        ("depoly site-bdi at za-uj", "deploy site-bdii at ZA-UJ", False),
        ("deploy za-uj site-bdii a=1", "deploy site-bdii at ZA-UJ a=1", False),
        ("staus za-uj", "status ZA-UJ", False),
        ("staus ke-nairob", "status KE-NAIROBI", True),
        ("please status uj", "status ZA-UJ", False),
        ("status za-uj as soon as you can", "status ZA-UJ", False),
        ("cancel 12 nwo", "cancel 12 now", False),
        ("accept rulse 4f2c1d9", "accept rules 4f2c1d9", False),
        ("lokc uj untill 18:00 “x”", "lock ZA-UJ until 18:00 “x”", False),
        ("hlep deploy", "help deploy", False),
    ],
)  # fmt: skip
def test_the_nearest_right_command_is_written_out(typed: str, command: str, guessed: bool) -> None:
    nearest = read(typed)
    assert isinstance(nearest, Nearest), nearest
    assert (nearest.command.typed, nearest.site_guessed) == (command, guessed)


def test_a_command_nearly_typed_tells_what_it_lacks() -> None:
    assert read("depoly site-bdii") == Missing("site", BY_TEXT[DEPLOY])
    assert isinstance(read("staus za-uf"), UnknownSite)
    assert read("depoly site-bdii uj port 1") == wrong("parameters", "port", Wants.PAIR, DEPLOY)


def test_words_too_many_are_told_where_nothing_is_near() -> None:
    only = [pattern("accept rules <revision>")]
    assert parse("accept it", only, LEXICON) == Unexpected("it", only[0])


words = st.sampled_from(
    [word for candidate in PATTERNS for word in candidate.words]
    + ["depoly", "staus", "hlep", "site", "bdii", "bdi", "za-uj", "ke-nairob", "kenet", "grid"]
    + ["at", "page", "rules", "12", "#", "run", "now", "18:00", "tomorrow", "port=2171", "x='a b'"]
    + ["“", "'", "because", "4f2c1d9", "`", "«", "y=”", "nowhere", "٣", "\u200f", "/", "=", "!"]
)
messages = st.one_of(st.text(max_size=60), st.lists(words, max_size=9).map(" ".join))


@given(messages)
def test_what_is_parsed_or_called_nearest_parses_to_itself(text: str) -> None:
    found = read(text)
    if isinstance(found, Nearest):
        found = found.command
    if isinstance(found, Parsed):
        assert read(found.typed) == found


@given(st.text(max_size=40), st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_free_text_stays_as_typed(before: str, reason: str) -> None:
    parsed = read(f"deny 12 x{before} y{reason}z")
    assert isinstance(parsed, Parsed)
    assert parsed.values["reason"] == f"x{before} y{reason}z"


@pytest.mark.parametrize(
    "text",
    [
        "status " + "za-uj " * 600,
        "deploy site-bdii uj " + "a=1 " * 900,
        "deploy site-bdii uj x=" + "“" * 3900,
        "deploy site-bdii uj " + "“a " * 1200,
        "deploy site-bdii uj " + "x=“a " * 700,
        "deploy site-bdii uj " + "“ " * 1900,
        "deploy site-bdii uj x=" + "\"' " * 1200,
        "deny 12 " + "\u202e" * 3900,
        "depoly " + "x" * 3900,
        "deploy " + "at " * 1300,
        "status " + "a" * 1_000_000,
    ],
    ids=range(11),
)
def test_whatever_comes_is_read_quickly(text: str) -> None:
    began = time.process_time()
    read(text)
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize(
    "text",
    ["", "<site>", "status [site", "status <site", "status []", "help <words...> more <site>",
     "diff <site> <site>", "status [a [b]]", "status <si te>", "status <x:unknown>", "status ]"],
)  # fmt: skip
def test_a_wrong_pattern_is_a_fault_in_the_code(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        pattern(text)


def test_usage_reads_well() -> None:
    assert BY_TEXT[DEPLOY].usage == "deploy <entry> at <site> [name=value ...]"
    assert BY_TEXT["cancel <run> [now]"].usage == "cancel <run> [now]"
    assert BY_TEXT["history <site> [page <page>]"].usage == "history <site> [page <page>]"


@pytest.mark.parametrize(
    ("typed", "nearest"),
    [
        ("ping ZA-UJ", "run ping at ZA-UJ"),
        ("Ping at uj", "run ping at ZA-UJ"),
        ("check site za uj", "run check-site at ZA-UJ"),
        ("site-bdii at ZA-UJ port=1", "deploy site-bdii at ZA-UJ port=1"),
        ("aaroc ping ZA-UJ", "run ping at ZA-UJ"),
    ],
)
def test_an_entrys_word_alone_names_the_command(typed: str, nearest: str) -> None:
    found = read(typed)
    assert isinstance(found, Nearest) and not found.site_guessed, found
    assert found.command.typed == nearest


def test_an_entrys_word_tells_what_is_missing_and_is_talk_among_others() -> None:
    assert read("ping") == Missing("site", BY_TEXT["run <entry> at <site> [parameters...]"])
    near = read("ping za-uk")
    assert isinstance(near, UnknownSite) and near.near
    assert read("ping me when you are back") == UnknownCommand("ping", ())
    assert read("@aaroc") == UnknownCommand("", ())


def test_what_turns_a_value_s_direction_stays_in_it_to_be_refused() -> None:
    (_, turned) = tokens("x port=21\u202e70")
    (_, marked) = tokens("x port=\u200f٢١٧٠\u200e")
    assert (turned.value, marked.value) == ("21\u202e70", "2170")


def test_a_flag_behind_a_literal_is_said_whole_or_not_at_all() -> None:
    known = [pattern("deploy <entry> at <site> [parameters...] [when <reachable:flag>]")]

    def parsed(text: str) -> object:
        return parse(text, known, LEXICON)

    for values in ("", " port=2171", ' text="when reachable"'):
        found = parsed(f"deploy site-bdii at ZA-UJ{values} When reachable.")
        assert isinstance(found, Parsed) and found.values["reachable"] is True
        assert found.typed == f"deploy site-bdii at ZA-UJ{values} when reachable"
        assert parsed(found.typed) == found
    plain = parsed('deploy site-bdii at ZA-UJ text="when reachable"')
    assert isinstance(plain, Parsed) and plain.values["reachable"] is False
    for wrong in ("when", "when it works", "reachable", "when reachable port=1"):
        assert not isinstance(parsed(f"deploy site-bdii at ZA-UJ {wrong}"), Parsed)
