"""The emulated Telegram, seen by the client that the bot uses: what the bot says."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from telegram import (
    Bot,
    BotCommand,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    ReactionTypeEmoji,
    ReplyParameters,
)
from telegram.constants import ReactionEmoji
from telegram.error import (
    Forbidden,
    TelegramError,
)

from tests.emulators.telegram import Telegram, lines
from tests.emulators.telegram.entities import find
from tests.emulators.telegram.markup import cut, parse
from tests.emulators.telegram.refusal import Refused
from tests.emulators.telegram.signs import EMOJI
from tests.emulators.telegram_client import refused

HTML = "HTML"


# --- speaking -----------------------------------------------------------------------


async def test_a_message_stands_with_its_buttons_and_is_edited(
    telegram: Telegram, bot: Bot
) -> None:
    ann = telegram.person("Ann")
    group = telegram.group("ROC", (ann,))
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Approve", callback_data="a1")]])
    sent = await bot.send_message(
        group, "<b>Run 12</b> is &lt;new&gt;\nline", parse_mode=HTML, reply_markup=keyboard
    )
    shown = telegram.messages(group)[0]
    assert lines(shown) == ["Run 12 is <new>", "line", "[Approve]"]
    assert [(e.type, cut(shown.text, e.offset, e.length)) for e in shown.entities] == [
        ("bold", "Run 12")
    ]
    await bot.edit_message_text("done", group, sent.message_id)
    assert [(s.seq, s.edit, lines(s)) for s in telegram.states(after=1)] == [(2, True, ["done"])]
    assert shown.edited
    assert shown.buttons == []
    assert telegram.faults == []


async def test_edits_are_refused_as_telegram_does(telegram: Telegram, bot: Bot) -> None:
    telegram.strict = False
    ann = telegram.person("Ann")
    group = telegram.group("ROC", (ann,))
    hers = await telegram.say(ann, group, "hello")
    sent = await bot.send_message(group, "<i>a</i>", parse_mode=HTML)
    same = bot.edit_message_text("<em>a</em>", group, sent.message_id, parse_mode=HTML)
    assert (await refused(same)).startswith("Message is not modified: specified new message")
    other = bot.edit_message_text("a", group, 4711)
    assert await refused(other) == "Message to edit not found"
    assert await refused(bot.edit_message_text("a", group, hers)) == "Message can't be edited"
    caption = bot.edit_message_caption(group, sent.message_id, caption="a")
    assert await refused(caption) == "There is no caption in the message to edit"
    assert telegram.faults == ["an edit of a message of somebody else's"]


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<p>x</p>", 'Unsupported start tag "p" at byte offset 0'),
        ("é<b>x", "Can't find end tag corresponding to start tag b"),
        ("é</b>", "Unexpected end tag at byte offset 2"),
        (
            "<b><i>x</b></i>",
            'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"',
        ),
        ("a <b", "Unclosed start tag at byte offset 2"),
        ("<a href>x</a>", "Expected equal sign in declaration of an attribute of the tag"),
        ('<a href="https://x.org>x</a>', "Unclosed start tag at byte offset 0"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("run <12>", 'Unsupported start tag "12" at byte offset 4'),
    ],
)
async def test_html_is_refused_in_telegrams_words(
    telegram: Telegram, bot: Bot, html: str, words: str
) -> None:
    ann = telegram.private(telegram.person("Ann"), started=True)
    answer = await refused(bot.send_message(ann, html, parse_mode=HTML))
    assert answer.startswith(f"Can't parse entities: {words.lower()}")


@pytest.mark.parametrize(
    ("html", "doubt"),
    [
        ("a & b", "a bare & or an unknown entity in HTML"),
        ("a&nbsp;b", "a bare & or an unknown entity in HTML"),
        ("a > b", "a bare > in HTML"),
        ("<code>a<b>b</b></code>", "<b> inside of code is not shown"),
        ('<a href="ftp://x.org">x</a>', "Telegram shows no link to 'ftp://x.org'"),
        ('<b class="x">x</b>', "attribute class of <b> is not used"),
    ],
)
async def test_what_telegram_lets_pass_in_silence_is_a_fault(
    telegram: Telegram, bot: Bot, html: str, doubt: str
) -> None:
    ann = telegram.private(telegram.person("Ann"), started=True)
    await bot.send_message(ann, html, parse_mode=HTML)
    assert telegram.faults == [f"text: {doubt}"]


async def test_what_is_too_long_isrefused(telegram: Telegram, bot: Bot) -> None:
    ann = telegram.private(telegram.person("Ann"), started=True)
    telegram.strict = False
    sent = await bot.send_message(ann, f"<b>{'x' * 4095}</b>&amp;", parse_mode=HTML)
    assert telegram.faults == []
    assert await refused(bot.send_message(ann, "x" * 4097)) == "Message is too long"
    assert await refused(bot.send_message(ann, "🙊" * 2049)) == "Message is too long"
    edit = bot.edit_message_text("x" * 4097, ann, sent.message_id)
    assert await refused(edit) == "Message_too_long"
    document = bot.send_document(ann, InputFile(b"log", "a.log"), caption="x" * 1025)
    assert await refused(document) == "Message caption is too long"
    assert await refused(bot.send_message(ann, " \n ")) == "Message text is empty"
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("x", callback_data="é" * 33)]])
    assert await refused(bot.send_message(ann, "x", reply_markup=keyboard)) == "Button_data_invalid"
    assert len(telegram.faults) == 5
    assert len(telegram.messages(ann)) == 1


async def test_a_document_is_kept_with_its_caption(telegram: Telegram, bot: Bot) -> None:
    telegram.strict = False
    ann = telegram.private(telegram.person("Ann"), started=True)
    sent = await bot.send_document(
        ann, "Zürich".encode(), caption="<b>log</b>", parse_mode=HTML, filename="run.log"
    )
    shown = telegram.messages(ann)[0]
    assert shown.document == ("run.log", "Zürich")
    assert lines(shown) == ["log", "run.log"]
    assert sent.document is not None
    assert sent.document.file_name == "run.log"
    text = bot.edit_message_text("a", ann, sent.message_id)
    assert await refused(text) == "There is no text in the message to edit"
    await bot.edit_message_caption(ann, sent.message_id, caption="new")
    assert [s.text for s in shown.states] == ["log", "new"]
    empty = bot.send_document(ann, InputFile(b"", "a.log"))
    assert await refused(empty) == "File must be non-empty"


async def test_replies_and_topics_must_exist(telegram: Telegram, bot: Bot) -> None:
    telegram.strict = False
    ann = telegram.person("Ann")
    forum = telegram.supergroup("ROC", (ann,), forum=True)
    plain = telegram.supergroup("Other", (ann,))
    topic = telegram.topic(forum, "Deployments")
    hers = await telegram.say(ann, forum, "hello", topic=topic)
    sent = await bot.send_message(
        forum, "hi", message_thread_id=topic, reply_parameters=ReplyParameters(hers)
    )
    assert sent.is_topic_message
    assert telegram.messages(forum)[-1].topic == topic
    assert telegram.messages(forum)[-1].reply_to == hers
    gone = bot.send_message(forum, "hi", reply_parameters=ReplyParameters(4711))
    assert await refused(gone) == "Message to be replied not found"
    kind = ReplyParameters(4711, allow_sending_without_reply=True)
    await bot.send_message(forum, "hi", reply_parameters=kind)
    assert telegram.messages(forum)[-1].reply_to is None
    for chat in (forum, plain):
        call = bot.send_message(chat, "hi", message_thread_id=4711)
        assert await refused(call) == "Message thread not found"


async def test_places_where_the_bot_may_not_speak(telegram: Telegram, bot: Bot) -> None:
    ann = telegram.person("Ann")
    group = telegram.group("ROC", (ann,))
    assert await refused(bot.send_message(ann, "hi"), Forbidden) == (
        "Forbidden: bot can't initiate conversation with a user"
    )
    assert await refused(bot.send_message(1, "hi")) == "Chat not found"
    await telegram.kick(group)
    assert await refused(bot.send_message(group, "hi"), Forbidden) == (
        "Forbidden: bot was kicked from the group chat"
    )
    await telegram.block(ann)
    assert await refused(bot.send_message(ann, "hi"), Forbidden) == (
        "Forbidden: bot was blocked by the user"
    )
    await telegram.unblock(ann)
    await bot.send_message(ann, "hi")
    kinds = [update.my_chat_member for update in await bot.get_updates()]
    assert [kind and kind.new_chat_member.status for kind in kinds] == [
        "kicked",
        "kicked",
        "member",
    ]


async def test_reactions_are_of_telegrams_own_set(telegram: Telegram, bot: Bot) -> None:
    ann = telegram.person("Ann")
    group = telegram.group("ROC", (ann,))
    hers = await telegram.say(ann, group, "hello")
    await bot.set_message_reaction(group, hers, ReactionTypeEmoji("👀"))
    assert telegram.messages(group)[0].reactions == ["👀"]
    assert await refused(bot.set_message_reaction(group, hers, "✅")) == "Reaction_invalid"
    await bot.set_message_reaction(group, hers)
    assert telegram.messages(group)[0].reactions == []
    assert {emoji.value.replace("\ufe0f", "") for emoji in ReactionEmoji} == EMOJI


async def test_the_menu_is_checked(telegram: Telegram, bot: Bot) -> None:
    await bot.set_my_commands([BotCommand("status", "How a site is"), ("new_site", "Add one")])
    assert telegram.commands == [("status", "How a site is"), ("new_site", "Add one")]
    assert await refused(bot.set_my_commands([("New-site", "x")])) == "Bot_command_invalid"
    long = bot.set_my_commands([("site", "x" * 257)])
    assert await refused(long) == "Bot_command_description_invalid"
    many = bot.set_my_commands([(f"c{n}", "x") for n in range(101)])
    assert await refused(many) == "Bot_commands_too_much"


async def test_a_chat_and_its_members_are_told(telegram: Telegram, bot: Bot) -> None:
    ann, bob = telegram.person("Ann"), telegram.person("Bob")
    group = telegram.supergroup("ROC", (ann,), forum=True)
    chat = await bot.get_chat(group)
    assert (chat.title, chat.type, chat.is_forum) == ("ROC", "supergroup", True)
    assert (await bot.get_chat_member(group, ann)).status == "member"
    assert (await bot.get_chat_member(group, bob)).status == "left"
    assert (await bot.get_chat_member(group, bot.id)).status == "member"
    telegram.promote(group)
    assert (await bot.get_chat_member(group, bot.id)).status == "administrator"
    telegram.privacy = True
    assert not (await bot.get_me()).can_read_all_group_messages


async def test_unknown_methods_and_fields(telegram: Telegram, bot: Bot) -> None:
    ann = telegram.private(telegram.person("Ann"), started=True)
    await bot.send_message(ann, "hi", api_kwargs={"colour": "red"})
    assert telegram.faults == ["sendmessage has no field colour"]
    with pytest.raises(TelegramError, match="not found"):
        await bot.do_api_request("paintMessage")


# --- the pure parts -----------------------------------------------------------------


_WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="&<>\r"), max_size=9)


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["b", "i", "u", "s"]), _WORDS)))
def test_entities_cover_what_the_tags_enclosed(parts: list[tuple[str, str]]) -> None:
    parsed = parse("".join(f"<{tag}>{text}</{tag}>" for tag, text in parts))
    assert parsed.text == "".join(text for _, text in parts)
    covered = [cut(parsed.text, e.offset, e.length) for e in parsed.entities]
    assert covered == [text for _, text in parts if text]
    assert parsed.doubts == []


@settings(deadline=None)
@given(st.text(st.sampled_from("<>&/abip\"'= ;#xé🙊"), max_size=40))
def test_any_html_is_parsed_orrefused(html: str) -> None:
    try:
        parsed = parse(html)
    except Refused as refused:
        assert refused.code == 400
    else:
        for entity in parsed.entities:
            assert cut(parsed.text, entity.offset, entity.length)


def test_what_telegram_finds_by_itself() -> None:
    text = "🙊 /deploy@aaroc_bot @ann https://x.org/a. x/no_command a@b.org #1 #tag"
    found = [(e.type, cut(text, e.offset, e.length)) for e in find(text)]
    assert found == [
        ("bot_command", "/deploy@aaroc_bot"),
        ("mention", "@ann"),
        ("url", "https://x.org/a"),
        ("email", "a@b.org"),
        ("hashtag", "#tag"),
    ]
    quiet = parse("<code>/deploy @ann</code>")
    assert [e.type for e in find(quiet.text, quiet.entities)] == ["code"]
