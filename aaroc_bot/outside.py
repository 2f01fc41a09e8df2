"""What is known of the world outside: the DevOps repository and GitHub, as configured."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aaroc_bot.changes.nothing import NoRules
from aaroc_bot.changes.rules import AcceptedRules, AuthorOf
from aaroc_bot.clock import now
from aaroc_bot.content import folder
from aaroc_bot.core.ports import Catalogue, People, Rules, Sites
from aaroc_bot.github.nobody import UnknownPeople
from aaroc_bot.repo.catalogue import EntryCatalogue, Floor
from aaroc_bot.repo.credential import Credential
from aaroc_bot.repo.export import Exporter
from aaroc_bot.repo.mirror import Mirror
from aaroc_bot.repo.nothing import NoRepository, OwnCatalogue
from aaroc_bot.repo.reading import Passwords, Reader, vault_passwords
from aaroc_bot.repo.repository import Learn, Repository
from aaroc_bot.repo.roles import Roles
from aaroc_bot.sandbox.marker import is_sandbox_github
from aaroc_bot.settings import Settings, SettingsFault
from aaroc_bot.store.acceptances import Acceptances
from aaroc_bot.store.database import Database
from aaroc_bot.store.github_answers import GitHubAnswers
from aaroc_bot.store.links import Links, Worth
from aaroc_bot.store.teams import TeamIds

if TYPE_CHECKING:
    from aaroc_bot.github.api import Api
    from aaroc_bot.github.directory import Directory
    from aaroc_bot.github.people import GitHubPeople
    from aaroc_bot.github.roster import Roster


@dataclass(frozen=True)
class Organisation:
    """One organisation on GitHub: its people, and how it is asked."""

    name: str
    api: "Api"
    directory: "Directory"
    roster: "Roster"
    people: "GitHubPeople"


@dataclass(frozen=True)
class Outside:
    """Sites, entries, rules, people, and what runs are exported from.

    `repository` and `exports` are None where no DevOps repository is configured,
    `organisation` where no GitHub is.
    """

    sites: Sites
    catalogue: Catalogue
    rules: Rules
    people: People
    links: Links
    organisation: Organisation | None
    repository: Repository | None = None
    exports: Exporter | None = None
    accepted: AcceptedRules | None = None


def outside(
    settings: Settings, database: Database, answers: GitHubAnswers, learn: Learn
) -> Outside:
    """Put together what is known of the outside; what is not configured is known as nothing.

    `learn` is told what the repository holds secret. Who calls it settles `answers` before
    the database is closed.
    """
    own = folder("playbooks")
    floor = Floor(settings.policy.min_approvals, settings.policy.read_only)
    worth = Worth(settings.links.lifetime, settings.links.expert_wait)
    links = Links(database, now, worth)
    api = _api(settings)
    if settings.repository is None:
        sites = NoRepository()
        there = _organisation(settings, api, database, answers, sites=sites, links=links)
        people = _people(settings, there, links)
        return Outside(sites, OwnCatalogue(own, floor), NoRules(), people, links, there)
    acceptances = Acceptances(database)

    state = settings.state_dir
    mirror = Mirror(settings.repository, state, _credential(settings, api))
    repository = Repository(mirror, Reader(state, passwords(settings)), acceptances.sha, learn)
    there = _organisation(settings, api, database, answers, sites=repository, links=links)
    rules = AcceptedRules(repository, acceptances, _author_of(settings, api), now)
    roles = Roles(mirror, state, settings.ansible.role_hosts)
    return Outside(
        repository,
        EntryCatalogue(repository, own, floor),
        rules,
        _people(settings, there, links),
        links,
        there,
        repository,
        Exporter(repository, roles, own),
        rules,
    )


def _people(settings: Settings, there: Organisation | None, links: Links) -> People:
    if there is None:
        return UnknownPeople(links, org=settings.github.org or "")
    return there.people


def _api(settings: Settings) -> "Api | None":
    """Give the way to GitHub by the bot's own right; None where it has none."""
    github, token = settings.github, settings.github_token
    if not github.org or not (token or github.app_id):
        return None
    from github import Auth  # noqa: PLC0415 - a second of imports, only where it is configured

    from aaroc_bot.github.api import Api  # noqa: PLC0415
    from aaroc_bot.github.app import app_auth  # noqa: PLC0415

    try:
        if token:
            return Api(github.api_url, Auth.Token(token))
        assert github.app_id and settings.github_app_key  # the settings say so together
        app = app_auth(github.api_url, github.app_id, settings.github_app_key, github.org)
        return Api(github.api_url, app)
    except ValueError as problem:
        raise SettingsFault([f"{problem}."]) from None


def _organisation(
    settings: Settings,
    api: "Api | None",
    database: Database,
    answers: GitHubAnswers,
    *,
    sites: Sites,
    links: Links,
) -> Organisation | None:
    """Ask GitHub who people are; where it is not configured nothing can be told."""
    org = settings.github.org
    if api is None or not org:
        return None
    from aaroc_bot.github.directory import Directory  # noqa: PLC0415
    from aaroc_bot.github.people import GitHubPeople  # noqa: PLC0415
    from aaroc_bot.github.roster import Roster  # noqa: PLC0415

    async def teams() -> Mapping[str, str | None]:
        return {site.name: site.team for site in await sites.all()}

    directory = Directory(api, org, now, TeamIds(database), answers)
    roster = Roster(
        directory,
        experts_team=settings.github.experts_team,
        sites_team=settings.github.sites_team,
        site_teams=teams,
    )
    bounded = not is_sandbox_github(settings.state_dir, settings.github.api_url)
    people = GitHubPeople(directory, roster, links, now, org=org, bounded=bounded)
    return Organisation(org, api, directory, roster, people)


def _credential(settings: Settings, api: "Api | None") -> Credential | None:
    return Credential(settings.github.web_url, api.token) if api else None


def _author_of(settings: Settings, api: "Api | None") -> AuthorOf:
    name = settings.github_repository
    if api is None or not name:
        return _nobody
    from aaroc_bot.github.commits import Commits  # noqa: PLC0415

    return Commits(api, name, now).author_of


async def _nobody(sha: str) -> int | None:
    """Say that a commit's author cannot be told."""
    return None


def passwords(settings: Settings) -> Passwords:
    """Give the vault passwords that reading the repository may use."""
    ansible = settings.ansible
    return vault_passwords(ansible.vault_password_file, ansible.vault_password_dir)
