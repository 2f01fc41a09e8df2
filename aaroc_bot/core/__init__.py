"""The pure heart: words, rules and decisions, with no I/O, no clock and no await."""
