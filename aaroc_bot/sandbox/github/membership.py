"""One organisation of the sandbox's GitHub: who is in it, in which team, who is invited."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from re import compile as pattern

from aaroc_bot.sandbox.github.people import Invitation, Team, User, Where
from aaroc_bot.sandbox.github.problem import Problem, invalid
from aaroc_bot.sandbox.github.shapes.people import (
    invitation_body,
    membership_body,
    org_body,
    team_body,
    user_body,
)
from aaroc_bot.sandbox.persons import ORG, REPOSITORY

NO_REPLY = pattern(r"(?:(?P<id>\d+)\+)?(?P<login>[^@+]+)@users\.noreply\.github\.com")
"""GitHub's own addresses; with an id, the login in it may be an old one."""

Listener = Callable[[str, dict[str, object]], None]


class Organisation:
    """Users, and one organisation with its people; plain state that a test may change.

    Every method that alters something calls `changed`, and tells `listeners` what happened
    as a webhook would: the event's name and what GitHub sends. `now` is the clock.
    """

    def __init__(self, org: str = ORG) -> None:
        """Begin empty, with the organisation alone."""
        self.org = org
        self.org_id = 90100000
        self.root = "http://127.0.0.1"
        self.users: dict[int, User] = {}
        self.members: dict[int, str] = {}
        self.teams: dict[str, Team] = {}
        self.invitations: dict[int, Invitation] = {}
        self.bot = User(90100199, "aaroc-bot", "aaroc-bot", "")
        self.bots: dict[int, User] = {
            self.bot.id: self.bot,
            19864447: User(19864447, "web-flow", "GitHub", "noreply@github.com"),
        }
        self.listeners: list[Listener] = []
        self.changed: Callable[[], None] = lambda: None
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.next_id = 90400001
        self.next_team = 90200001

    def new_id(self) -> int:
        """Give an id that nothing else had."""
        self.next_id += 1
        return self.next_id - 1

    @property
    def where(self) -> Where:
        """Under which names everything is reached now."""
        return Where(self.root, self.org, self.org_id, REPOSITORY)

    def tell(self, event: str, by: User | None, payload: Mapping[str, object]) -> None:
        """Keep what happened, then tell whoever listens; `by` did it (the bot where unknown)."""
        self.changed()
        where = self.where
        common = {
            "organization": org_body(where),
            "sender": user_body(where, by or self.bot),
        }
        for listener in tuple(self.listeners):
            listener(event, {**payload, **common})

    def add_user(self, id: int, login: str, name: str = "", mail: str = "") -> User:
        """Register a user."""
        user = self.users[id] = User(id, login, name or login, mail)
        self.changed()
        return user

    def add_team(self, slug: str, parent: str | None = None, name: str | None = None) -> Team:
        """Create a team, with an id that no other had."""
        team = self.teams[slug] = Team(self.next_team, slug, name or slug, parent)
        self.next_team += 1
        self._tell_of_team("created", team)
        return team

    def remove_team(self, slug: str) -> None:
        """Delete a team; those below it go too."""
        for child in tuple(self.children(slug)):
            self.remove_team(child.slug)
        self._tell_of_team("deleted", self.teams.pop(slug))

    def user(self, login: str) -> User | None:
        """Find a user by login, in any letter case."""
        wanted = login.casefold()
        return next((u for u in self.users.values() if u.login.casefold() == wanted), None)

    def who(self, id: int) -> User:
        """Give a user or a bot by id; one that is gone is GitHub's ``ghost``."""
        return self.users.get(id) or self.bots.get(id) or User(10137, "ghost", "Deleted user", "")

    def written_by(self, mail: str) -> User | None:
        """Find the user whose commits carry a mail address, one of GitHub's own included."""
        everybody = (*self.users.values(), *self.bots.values())
        found = NO_REPLY.fullmatch(mail)
        if found and found["id"]:
            return next((user for user in everybody if user.id == int(found["id"])), None)
        if found:
            login = found["login"].casefold()
            return next((user for user in everybody if user.login.casefold() == login), None)
        return next((u for u in everybody if mail and u.mail.casefold() == mail.casefold()), None)

    def children(self, slug: str) -> Iterator[Team]:
        """Give the teams directly below a team."""
        return (team for team in self.teams.values() if team.parent == slug)

    def people_of(self, team: Team) -> set[int]:
        """Give who is in a team or in a team below it."""
        below = (self.people_of(child) for child in self.children(team.slug))
        return team.people.union(*below)

    def writers(self) -> frozenset[int]:
        """Give who may write to the repository: the members, and bots."""
        active = {id for id, state in self.members.items() if state == "active"}
        return frozenset(active | self.bots.keys())

    def rename(self, login: str, to: str) -> None:
        """Let a user bear another login; the old one is free then."""
        user = self.user(login)
        assert user is not None
        user.login = to
        self.changed()

    def remove_member(self, login: str, by: User | None = None) -> None:
        """Take somebody out of the organisation, and so out of its teams."""
        user = self.user(login)
        assert user is not None
        self.members.pop(user.id, None)
        for team in self.teams.values():
            team.people.discard(user.id)
        self._tell_of_member("member_removed", user, by)

    def invite(self, user: User, by: User, teams: tuple[int, ...] = ()) -> Invitation:
        """Invite somebody into the organisation. Raises `Problem` for who is in or invited."""
        if self.members.get(user.id) == "active":
            raise _no_invitation("Invitee is already a part of this organization")
        if any(one.user == user.id for one in self.invitations.values()):
            raise _no_invitation("A pending invitation already exists for this user")
        known = {team.id: team for team in self.teams.values()}
        if not set(teams) <= known.keys():
            raise _no_invitation("One or more of the teams are not part of this organization")
        made = Invitation(self.new_id(), user.id, by.id, self.now(), teams)
        self.invitations[made.id] = made
        self.members[user.id] = "pending"
        for id in teams:
            known[id].invited.add(user.id)
        told = invitation_body(self.where, made, self.who)
        body = {"action": "member_invited", "invitation": told, "user": user_body(self.where, user)}
        self.tell("organization", by, body)
        return made

    def accept(self, invitation: Invitation) -> None:
        """Let somebody accept: they are a member, and in the teams that were named."""
        user = self.who(self.invitations.pop(invitation.id).user)
        self.members[user.id] = "active"
        self._tell_of_member("member_added", user, user)
        for team in self.teams.values():
            if user.id in team.invited:
                self.put_in_team(team, user, self.who(invitation.by))

    def revoke(self, invitation: Invitation) -> None:
        """Take an invitation back."""
        del self.invitations[invitation.id]
        self.members.pop(invitation.user, None)
        for team in self.teams.values():
            team.invited.discard(invitation.user)
        self.changed()

    def put_in_team(self, team: Team, user: User, by: User) -> str:
        """Put a member into a team, or invite who is none; give ``active`` or ``pending``."""
        if self.members.get(user.id) == "active":
            team.invited.discard(user.id)
            team.people.add(user.id)
            self._tell_of_place("added", team, user, by)
            return "active"
        waiting = next((one for one in self.invitations.values() if one.user == user.id), None)
        if waiting is None:
            self.invite(user, by, (team.id,))
        else:
            waiting.teams = tuple(dict.fromkeys((*waiting.teams, team.id)))
            team.invited.add(user.id)
            self.changed()
        return "pending"

    def take_from_team(self, team: Team, user: User, by: User) -> None:
        """Take somebody out of a team, or take back that they were invited to it."""
        team.invited.discard(user.id)
        if user.id in team.people:
            team.people.discard(user.id)
            self._tell_of_place("removed", team, user, by)
        self.changed()

    def _tell_of_team(self, action: str, team: Team) -> None:
        body = team_body(self.where, team, self.teams.get(team.parent or ""))
        self.tell("team", None, {"action": action, "team": body})

    def _tell_of_member(self, action: str, user: User, by: User | None) -> None:
        body = membership_body(self.where, user, "active")
        self.tell("organization", by, {"action": action, "membership": body})

    def _tell_of_place(self, action: str, team: Team, user: User, by: User) -> None:
        where = self.where
        body = {
            "action": action,
            "scope": "team",
            "member": user_body(where, user),
            "team": team_body(where, team, self.teams.get(team.parent or "")),
        }
        self.tell("membership", by, body)


def _no_invitation(message: str) -> Problem:
    return invalid("OrganizationInvitation", message, field="data", code="unprocessable")
