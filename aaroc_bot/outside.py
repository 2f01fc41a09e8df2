"""What is known of the world outside: the DevOps repository and GitHub, as configured."""

from collections.abc import Mapping
from dataclasses import dataclass

from aaroc_bot.changes.nothing import NoRules
from aaroc_bot.changes.rules import AcceptedRules, AuthorOf
from aaroc_bot.clock import now
from aaroc_bot.content import folder
from aaroc_bot.core.ports import Catalogue, People, Rules, Sites
from aaroc_bot.github.nobody import UnknownPeople
from aaroc_bot.repo.catalogue import EntryCatalogue, Floor
from aaroc_bot.repo.export import Exporter
from aaroc_bot.repo.mirror import Mirror
from aaroc_bot.repo.nothing import NoRepository, OwnCatalogue
from aaroc_bot.repo.reading import Passwords, Reader, vault_passwords
from aaroc_bot.repo.repository import Repository
from aaroc_bot.repo.roles import Roles
from aaroc_bot.sandbox.box import is_sandbox_github
from aaroc_bot.settings import Settings, SettingsFault
from aaroc_bot.store.acceptances import Acceptances
from aaroc_bot.store.database import Database
from aaroc_bot.store.github_answers import GitHubAnswers
from aaroc_bot.store.links import Links, Worth
from aaroc_bot.store.teams import TeamIds


@dataclass(frozen=True)
class Outside:
    """Sites, entries, rules, people, and what runs are exported from.

    `repository` and `exports` are None where no DevOps repository is configured.
    """

    sites: Sites
    catalogue: Catalogue
    rules: Rules
    people: People
    links: Links
    repository: Repository | None = None
    exports: Exporter | None = None
    accepted: AcceptedRules | None = None


def outside(settings: Settings, database: Database, answers: GitHubAnswers) -> Outside:
    """Put together what is known of the outside; what is not configured is known as nothing.

    Who calls it settles `answers` before the database is closed.
    """
    own = folder("playbooks")
    floor = Floor(settings.policy.min_approvals, settings.policy.read_only)
    worth = Worth(settings.links.lifetime, settings.links.expert_wait)
    links = Links(database, now, worth)
    if settings.repository is None:
        sites = NoRepository()
        people, _ = _people(settings, database, answers, sites, links)
        return Outside(sites, OwnCatalogue(own, floor), NoRules(), people, links)
    acceptances = Acceptances(database)

    state = settings.state_dir
    mirror = Mirror(settings.repository, state)
    repository = Repository(mirror, Reader(state, passwords(settings)), acceptances.sha)
    people, author_of = _people(settings, database, answers, repository, links)
    rules = AcceptedRules(repository, acceptances, author_of, now)
    roles = Roles(mirror, state, settings.ansible.role_hosts)
    return Outside(
        repository,
        EntryCatalogue(repository, own, floor),
        rules,
        people,
        links,
        repository,
        Exporter(repository, roles, own),
        rules,
    )


def _people(
    settings: Settings, database: Database, answers: GitHubAnswers, sites: Sites, links: Links
) -> tuple[People, AuthorOf]:
    """Ask GitHub who people are; where it is not configured nothing can be told."""
    org, token = settings.github.org, settings.github_token
    if not org or not token:
        return UnknownPeople(links, org=org or ""), _nobody
    from github import Auth  # noqa: PLC0415 - a second of imports, only where it is configured

    from aaroc_bot.github.api import Api  # noqa: PLC0415
    from aaroc_bot.github.commits import Commits  # noqa: PLC0415
    from aaroc_bot.github.directory import Directory  # noqa: PLC0415
    from aaroc_bot.github.people import GitHubPeople  # noqa: PLC0415
    from aaroc_bot.github.roster import Roster  # noqa: PLC0415

    async def teams() -> Mapping[str, str | None]:
        return {site.name: site.team for site in await sites.all()}

    try:
        api = Api(settings.github.api_url, Auth.Token(token))
    except ValueError as problem:
        raise SettingsFault([f"{problem}."]) from None
    directory = Directory(api, org, now, TeamIds(database), answers)
    roster = Roster(
        directory,
        experts_team=settings.github.experts_team,
        sites_team=settings.github.sites_team,
        site_teams=teams,
    )
    bounded = not is_sandbox_github(settings.state_dir, settings.github.api_url)
    people = GitHubPeople(directory, roster, links, now, org=org, bounded=bounded)
    repository = settings.github_repository
    return people, Commits(api, repository, now).author_of if repository else _nobody


async def _nobody(sha: str) -> int | None:
    """Say that a commit's author cannot be told."""
    return None


def passwords(settings: Settings) -> Passwords:
    """Give the vault passwords that reading the repository may use."""
    ansible = settings.ansible
    return vault_passwords(ansible.vault_password_file, ansible.vault_password_dir)
