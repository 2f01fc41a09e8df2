"""Coming into the organisation and its teams: people by numeric id, teams by theirs."""

from collections.abc import Sequence
from urllib.parse import quote

from pydantic import TypeAdapter

from aaroc_bot.core.rights import Person
from aaroc_bot.github.api import Api, Refused
from aaroc_bot.github.asking import Asking, parsed, there
from aaroc_bot.github.shapes import Id, Login, Shape, User


class _Invitation(Shape):
    """An invitation; one sent to a mail address has no login."""

    login: Login | None = None


class _Organisation(Shape):
    id: Id


class _Membership(Shape):
    state: str
    user: User


class _TeamMembership(Shape):
    state: str


_INVITATIONS = TypeAdapter(list[_Invitation])
_ORGANISATION = TypeAdapter(_Organisation)
_MEMBERSHIP = TypeAdapter(_Membership)
_TEAM_MEMBERSHIP = TypeAdapter(_TeamMembership)
_USER = TypeAdapter(User)


class Invitations(Asking):
    """Invites into one organisation. Raises `GitHubAway` and `Refused` as `Asking` says."""

    def __init__(self, api: Api, org: str) -> None:
        """Take the organisation's name."""
        super().__init__(api, org)
        self._org = f"/orgs/{quote(org, safe='')}"

    async def invite(self, person: int, teams: Sequence[int]) -> None:
        """Invite a user by GitHub id, into these teams (their ids) too once they accept.

        A member, and somebody invited already, is `Refused` (422).
        """
        body = {"invitee_id": person, "role": "direct_member", "team_ids": list(teams)}
        await self._send("POST", f"{self._org}/invitations", body)

    async def waiting(self) -> frozenset[str]:
        """Give the logins, in lower case, whose invitations wait to be accepted."""
        found = await self._list(f"{self._org}/invitations?per_page=100", _INVITATIONS)
        return frozenset(one.login.casefold() for one in found if one.login)

    async def into_team(self, team: int, person: Person) -> None:
        """Put a member into a team; who is none is `Refused`.

        GitHub knows people by login here, which can change hands. So it is read by id before
        and after: a login that was the person's both times was theirs in between. If it was
        not, whoever bears it is taken out of the team again.
        """
        login = await self._login(person.id)
        path = f"{self._org}/memberships/{quote(login, safe='')}"
        membership = parsed(_MEMBERSHIP, there(await self._ask(path)))
        if membership.user.id != person.id or membership.state != "active":
            raise Refused(422, "is no member of the organisation")
        organisation, _ = await self._ask_again(self._org, _ORGANISATION)
        path = f"/organizations/{organisation.id}/team/{team}/memberships/{quote(login, safe='')}"
        body = await self._send("PUT", path, {"role": "member"})
        active = parsed(_TEAM_MEMBERSHIP, body).state == "active"
        if not active or await self._login(person.id) != login:
            await self._send("DELETE", path)
            raise Refused(409, "the login changed hands meanwhile")

    async def _login(self, id: int) -> str:
        user = parsed(_USER, there(await self._ask(f"/user/{id}")))
        if user.id != id:
            raise Refused(409, "the login changed hands meanwhile")
        return user.login
