"""Drafting: from a wish, or a pull request's tree, to what it would do to which site."""

from aaroc_bot.repo.drafting.drafter import Drafted, Drafter
from aaroc_bot.repo.drafting.remote import RemoteTree

__all__ = ["Drafted", "Drafter", "RemoteTree"]
