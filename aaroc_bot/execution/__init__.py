"""Running Ansible: `play` takes a `Job` and gives its `Ending`."""

from importlib import metadata

from aaroc_bot.execution.job import Ending, How, Job, moment
from aaroc_bot.execution.playing import play

__all__ = ["Ending", "How", "Job", "moment", "play", "version"]


def version() -> str:
    """Give ansible-core's version, a part of what an approval is bound to."""
    return metadata.version("ansible-core")
