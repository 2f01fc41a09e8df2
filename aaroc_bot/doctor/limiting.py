"""A time limit for each check, so that one thing that is silent does not hide the others."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from aaroc_bot.doctor.finding import Finding, failed

SECONDS = 10.0
"""How long a check may take."""


class Unfit(Exception):
    """A check found at once that nothing more can be asked; carries its finding."""

    def __init__(self, finding: Finding) -> None:
        """Keep the finding."""
        super().__init__(finding.what)
        self.finding = finding


async def limited(check: str, question: Coroutine[Any, Any, Finding]) -> Finding:
    """Give the check's finding, a failed one where it gives none in time."""
    try:
        async with asyncio.timeout(SECONDS):
            return await question
    except TimeoutError:
        return failed(
            check, f"no answer within {SECONDS:.0f} s", "see whether this machine reaches it"
        )
    except Unfit as problem:
        return problem.finding
    except Exception as problem:  # its text may hold a token, so only its kind is told
        kind = type(problem).__name__
        return failed(check, f"could not be looked at ({kind})", "report this as a fault")


async def together(*questions: Coroutine[Any, Any, Finding]) -> list[Finding]:
    """Ask all at once; the findings come in the order of the questions."""
    return list(await asyncio.gather(*questions))
