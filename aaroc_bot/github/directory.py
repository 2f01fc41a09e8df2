"""The organisation as GitHub knows it: people, memberships, teams, each kept by `cache`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from urllib.parse import quote

from pydantic import TypeAdapter

from aaroc_bot.core.rights import Membership, Person
from aaroc_bot.github.api import Api
from aaroc_bot.github.cache import Cached, Known
from aaroc_bot.github.kept import Form, Kept, Page
from aaroc_bot.store.github_answers import GitHubAnswers
from aaroc_bot.store.teams import TeamIds

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Team:
    """A team by its numeric id; slug and name are how it is written today."""

    id: int
    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class _Kind(Generic[T]):
    """How one kind of answer is read, and how it is kept."""

    parse: Callable[[object], tuple[T, ...]]
    form: Form[T]


class Directory:
    """Asks about one organisation. Everything raises `CannotTell` where GitHub could not tell."""

    def __init__(
        self,
        api: Api,
        org: str,
        clock: Callable[[], datetime],
        team_ids: TeamIds,
        answers: GitHubAnswers,
    ) -> None:
        """Know whom to ask; nothing is asked yet. `answers` are kept for later processes."""
        self._api = api
        self._answers = answers
        self._team_ids = team_ids
        self._org = quote(org, safe="")
        self._clock = clock
        self._users: dict[str, Cached[Person]] = {}
        self._memberships: dict[str, Cached[tuple[Person, Membership]]] = {}
        self._teams: dict[str, Cached[Team]] = {}
        self._children: dict[str, Cached[Team]] = {}
        self._members: dict[str, Cached[Person]] = {}

    def again(self) -> None:
        """Ask even if GitHub was silent a moment ago: somebody waits for the answer of now."""
        self._api.again()

    def forget(self) -> None:
        """Ask about everything anew (conditionally): GitHub hinted that something changed."""
        for shelf in (self._users, self._memberships, self._teams, self._children, self._members):
            for cached in shelf.values():
                cached.forget()

    async def user(self, login: str, *, now: bool = False) -> Known[Person]:
        """Find a person by login; nobody (None) if no GitHub user bears it."""
        return await self._read(self._users, f"/users/{quote(login, safe='')}", _PERSON, now)

    async def owner(self, login: str, *, now: bool = False) -> Known[Person]:
        """Find the person whom the accepted rules mean by a login.

        A login that its owner gave up can be taken by anybody: who has it now counts as
        nobody if another had it when it was asked about first, as with teams.
        """
        known = await self.user(login, now=now)
        for person in known.values or ():
            name = f"user:{login.lower()}"  # no organisation's name has a colon
            if await self._team_ids.first(name, person.id, self._clock()) != person.id:
                return Known(None, known.at, known.silent_since)
        return known

    async def renamed(self, id: int, *, now: bool = False) -> Known[Person]:
        """Find how a person is written today; None if the GitHub user is gone."""
        return await self._read(self._users, f"/user/{id}", _PERSON, now)

    async def membership(
        self, login: str, *, now: bool = False
    ) -> Known[tuple[Person, Membership]]:
        """Tell whether a login is in the organisation, and whose login GitHub says it is."""
        path = f"/orgs/{self._org}/memberships/{quote(login, safe='')}"
        return await self._read(self._memberships, path, _MEMBERSHIP, now)

    async def members(self, slug: str, *, now: bool = False) -> Known[Person]:
        """List who is in a team or in a team below it. An invitation is no membership."""
        path = f"{self._path(slug)}/members?per_page=100"
        return await self._read(self._members, path, _PEOPLE, now)

    async def children(self, slug: str, *, now: bool = False) -> Known[Team]:
        """List the teams directly below a team."""
        path = f"{self._path(slug)}/teams?per_page=100"
        return await self._read(self._children, path, _TEAMS, now)

    async def named(self, slug: str, *, now: bool = False) -> Known[Team]:
        """Find a team that the accepted rules name.

        Any member can create a team: one that takes the slug of another that was there
        counts as none (RULES.md: teams are kept by numeric id).
        """
        known = await self._read(self._teams, self._path(slug), _TEAM, now)
        for team in known.values or ():
            first = await self._team_ids.first(f"{self._org}/{slug}", team.id, self._clock())
            if first != team.id:
                return Known(None, known.at, known.silent_since)
        return known

    def _path(self, slug: str) -> str:
        return f"/orgs/{self._org}/teams/{quote(slug, safe='')}"

    async def _read(
        self,
        shelf: dict[str, Cached[T]],
        path: str,
        kind: _Kind[T],
        now: bool,
    ) -> Known[T]:
        cached = shelf.get(path)
        if cached is None:
            kept = Kept(self._answers, f"{self._api.url}{path}", kind.form)
            cached = shelf[path] = Cached(self._api, path, kind.parse, self._clock, kept)
        return await cached.read(now=now)


def _fields(body: object) -> Mapping[str, object]:
    if not isinstance(body, dict):
        raise TypeError("not an object")
    return body


def _list(body: object) -> list[object]:
    if not isinstance(body, list):
        raise TypeError("not a list")
    return body


def _id(fields: Mapping[str, object]) -> int:
    id = fields["id"]
    if not isinstance(id, int) or isinstance(id, bool):
        raise TypeError("not an id")
    return id


def _person(body: object) -> tuple[Person, ...]:
    fields = _fields(body)
    return (Person(_id(fields), str(fields["login"])),)


def _people(body: object) -> tuple[Person, ...]:
    return tuple(person for each in _list(body) for person in _person(each))


def _membership(body: object) -> tuple[tuple[Person, Membership], ...]:
    """Only `active` is membership, only `pending` an invitation; a new word is neither."""
    fields = _fields(body)
    state = {"active": Membership.MEMBER, "pending": Membership.PENDING}[str(fields["state"])]
    return tuple((person, state) for person in _person(fields["user"]))


def _team(body: object) -> tuple[Team, ...]:
    fields = _fields(body)
    return (Team(_id(fields), str(fields["slug"]), str(fields["name"])),)


def _teams(body: object) -> tuple[Team, ...]:
    return tuple(team for each in _list(body) for team in _team(each))


_PERSON = _Kind(_person, TypeAdapter(list[Page[Person]]))
_PEOPLE = _Kind(_people, _PERSON.form)
_MEMBERSHIP = _Kind(_membership, TypeAdapter(list[Page[tuple[Person, Membership]]]))
_TEAM = _Kind(_team, TypeAdapter(list[Page[Team]]))
_TEAMS = _Kind(_teams, _TEAM.form)
