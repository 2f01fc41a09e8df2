"""How chat accounts come to speak for people, and cease to (RULES.md, Identity)."""
