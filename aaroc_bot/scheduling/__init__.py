"""What is done at set times: the digest, reminders, looking at the repository.

Rows say when each schedule is due next (store/schedules.py). Whoever moves a row on does
what was due, in the same transaction: once, however many look, and late if nobody could.
"""

from aaroc_bot.scheduling.facts import DigestFacts
from aaroc_bot.scheduling.firing import Firing, Notices, Render
from aaroc_bot.scheduling.loop import Scheduling
from aaroc_bot.scheduling.wanted import Wanted

__all__ = ["DigestFacts", "Firing", "Notices", "Render", "Scheduling", "Wanted"]
