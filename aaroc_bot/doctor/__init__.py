"""`aaroc-bot doctor`: is everything set up that the bot needs, and if not, what to do.

It looks and asks; it changes nothing, posts nothing and creates nothing.
"""

from aaroc_bot.doctor.examining import examine
from aaroc_bot.doctor.finding import Finding, Level, as_json, as_text, healthy

__all__ = ["Finding", "Level", "as_json", "as_text", "examine", "healthy"]
