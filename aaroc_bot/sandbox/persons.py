"""The sample persons and their organisation. Nobody real; ids as GitHub gives them."""

from dataclasses import dataclass

ORG = "AAROC"
REPOSITORY = "DevOps"
EXPERTS_TEAM = "experts"
SITES_TEAM = "sites"


@dataclass(frozen=True, slots=True)
class SamplePerson:
    """A person of the sample: `mail` is what their commits carry, `teams` are slugs."""

    id: int
    login: str
    name: str
    mail: str
    member: bool = True
    teams: tuple[str, ...] = ()


PERSONS = (
    SamplePerson(90100101, "uj-admin", "Lindiwe Maseko", "lindiwe@uj.example", teams=("za-uj",)),
    SamplePerson(90100102, "roc-expert", "Amina Haddad", "amina@roc.example", teams=("experts",)),
    SamplePerson(90100103, "roc-second", "Kwame Boateng", "kwame@roc.example", teams=("experts",)),
    SamplePerson(
        90100104, "kenet-admin", "Wanjiru Otieno", "wanjiru@kenet.example", teams=("ke-nairobi",)
    ),
    SamplePerson(90100105, "outsider", "Sam Visser", "sam@elsewhere.example", member=False),
    SamplePerson(
        90100106, "meraka-admin", "Thabo Nkosi", "thabo@meraka.example", teams=("za-meraka",)
    ),
    SamplePerson(90100107, "ufs-admin", "Elna Botha", "elna@ufs.example", teams=("za-ufs",)),
)

SITE_TEAMS = ("za-uj", "ke-nairobi", "za-meraka", "za-ufs", "maren")
"""Slugs of the children of `SITES_TEAM`. Nobody is in the last one."""

ON_THE_PAGE = ("uj-admin", "roc-expert", "kenet-admin", "outsider")
"""The logins that one can speak as on the demo's page."""
