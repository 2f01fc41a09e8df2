"""What is wrong with settings, told all at once."""


class SettingsFault(Exception):
    """Settings that cannot be used; `faults` has a sentence for each."""

    def __init__(self, faults: list[str]) -> None:
        """Keep all faults, to be told together."""
        super().__init__("\n".join(faults))
        self.faults = faults


class SettingsClash(SettingsFault, ValueError):
    """Settings of one group that do not go together; the sentences name them in full."""
