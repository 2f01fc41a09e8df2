"""Where a process falls by itself (`tests.alive.falling`): at each step of a run's way.

Within a transaction too: what was written in it before the fall must be as if it never was.
"""

HEARING = (
    "before aaroc_bot.runs.book:RunBook.ask",
    "after aaroc_bot.runs.book:RunBook.ask",
    "before aaroc_bot.runs.book:RunBook.approve",
    "after aaroc_bot.runs.book:RunBook._may_approve",
    "before aaroc_bot.runs.moves:Moves.move",  # of an approval: its row was written
    "after aaroc_bot.runs.moves:append_in",  # of an approval: all of it, but no commit
    "after aaroc_bot.runs.book:RunBook._end",
    "after aaroc_bot.runs.book:RunBook.approve",
    "before aaroc_bot.chat.slack:SlackChat.post",
    "after aaroc_bot.chat.slack:SlackChat.post",
    "before aaroc_bot.chat.telegram:TelegramChat.post",
    "after aaroc_bot.chat.telegram:TelegramChat.post",
    "before aaroc_bot.engine.clearing:Clearing._cleared",
    "before aaroc_bot.engine.clearing:Clearing._deliver",
    "after aaroc_bot.engine.clearing:Clearing._deliver",
)
"""Points that bots come to. Where workers play, a bot's first move is mostly an approval's."""
SWEEPING = (
    "after aaroc_bot.engine.sweep:cut_off",
    "after aaroc_bot.engine.sweep:Sweep._tell",
    "after aaroc_bot.engine.sweep:Sweep._give_up",
    "after aaroc_bot.engine.sweep:close_attempt",
)
"""Points that the one that keeps comes to once another fell silent."""
PLAYING = (
    "before aaroc_bot.engine.performing:Performer.perform",
    "after aaroc_bot.runs.planning:open_attempt",
    "before aaroc_bot.runs.planning:Planner._close",
    "after aaroc_bot.runs.planning:Planner._close",
    "before aaroc_bot.runs.executing:Executor._claim",
    "after aaroc_bot.runs.executing:open_attempt",
    "after aaroc_bot.runs.executing:Executor._claim",
    "after aaroc_bot.runs.flight:note_process",
    "before aaroc_bot.runs.executing:Executor._write_end",
    "after aaroc_bot.runs.executing:keep_log",
    "after aaroc_bot.runs.executing:Executor._write_end",
    "after aaroc_bot.runs.recovery:interrupt",
)
"""Points that whoever performs runs comes to."""
FETCHING = (
    "before aaroc_bot.engine.jobs:Jobs._performed",
    "after aaroc_bot.engine.jobs:Jobs._performed",
)
"""Points of a worker that fetches what it performs."""
