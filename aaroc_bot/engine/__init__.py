"""The engine under runs: what may start, who delivers it, and who fell silent.

The rows are the truth (`aaroc_bot.runs`). The one that keeps (`keeping`) goes its rounds: it
ends what is over, clears what may start, and has it delivered. On SQLite the same process
performs it (`here`); on PostgreSQL Procrastinate brings it to whichever process is for its
site (`jobs`). Who calls `perform`, and how often, does not matter: the claim decides.
"""
