"""What the doctor says where the bot is a GitHub App."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from aaroc_bot.doctor import examine
from aaroc_bot.doctor.finding import Finding, Level, as_text
from aaroc_bot.doctor.github import examine_github
from aaroc_bot.sandbox.github.server import serving
from aaroc_bot.sandbox.github.tokens import ALL, App, Right
from aaroc_bot.sandbox.github.world import Misbehaviour, World, sample_world
from tests.doctor.conftest import SettingsOf, levels

PEM = serialization.Encoding.PEM


def private(key: rsa.RSAPrivateKey) -> str:
    traditional = serialization.PrivateFormat.TraditionalOpenSSL
    return key.private_bytes(PEM, traditional, serialization.NoEncryption()).decode()


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def world(key: rsa.RSAPrivateKey) -> World:
    world = sample_world("unused")
    public = key.public_key().public_bytes(PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    world.install_app(public.decode())
    return world


@pytest.fixture
def app(world: World) -> App:
    assert world.app is not None
    return world.app


@pytest.fixture
async def names(
    world: World, app: App, key: rsa.RSAPrivateKey, devops: Path, tmp_path: Path
) -> AsyncIterator[dict[str, object]]:
    """Settings under which nothing is amiss, but that nobody can `login`."""
    file = tmp_path / "app.pem"
    file.write_text(private(key))
    file.chmod(0o600)
    async with serving(world, devops / ".git") as url:
        yield {
            "GITHUB__API_URL": url,
            "GITHUB__ORG": "AAROC",
            "GITHUB__REPOSITORY": "AAROC/DevOps",
            "GITHUB__APP_ID": app.id,
            "GITHUB__APP_KEY_FILE": file,
            "REPOSITORY": devops,
        }


def given(world: World, app: App, *lost: Right) -> None:
    """Install the App with all rights but these."""
    rights = ALL - set(lost)
    world.app = App(app.id, app.slug, app.installation, app.user, app.public_key, rights)


def faults(found: list[Finding]) -> list[Finding]:
    """What is amiss, beside that nobody can `login` here."""
    amiss = [one for one in found if one.level is not Level.OK and one.check != "GitHub login"]
    assert all(one.do for one in amiss)
    return amiss


async def test_all_is_well(names: dict[str, object], settings_of: SettingsOf) -> None:
    found = await examine_github(settings_of(**names))
    assert not faults(found)
    assert [as_text(one) for one in found[:2]] == [
        "ok   GitHub App: aaroc-bot is installed in AAROC",
        "ok   GitHub organisation: shows the organisation AAROC",
    ]


async def test_another_apps_id_or_key(
    names: dict[str, object], settings_of: SettingsOf, tmp_path: Path
) -> None:
    other = tmp_path / "other.pem"
    other.write_text(private(rsa.generate_private_key(public_exponent=65537, key_size=2048)))
    for wrong in ({"GITHUB__APP_ID": 4711}, {"GITHUB__APP_KEY_FILE": other}):
        (fault,) = faults(await examine_github(settings_of(**names | wrong)))
        assert fault.what == "GitHub does not accept the App's id and key (401)"
        assert "AAROC_GITHUB__APP_ID: take it" in fault.do
        assert "generate a new private key there for AAROC_GITHUB__APP_KEY_FILE" in fault.do


async def test_a_key_that_is_none(
    names: dict[str, object], settings_of: SettingsOf, tmp_path: Path
) -> None:
    file = tmp_path / "none.pem"
    file.write_text("a secret that is no key")
    (fault,) = faults(await examine_github(settings_of(**names | {"GITHUB__APP_KEY_FILE": file})))
    assert "AAROC_GITHUB__APP_KEY_FILE holds no private RSA key" in fault.what
    assert "a secret" not in as_text(fault)


async def test_it_is_not_installed(names: dict[str, object], settings_of: SettingsOf) -> None:
    other = settings_of(**names | {"GITHUB__ORG": "elsewhere"})
    (fault,) = faults(await examine_github(other))
    assert fault.what == "the GitHub App is not installed in the organisation (404)"
    assert "install it there" in fault.do


async def test_it_may_not_write(
    names: dict[str, object], settings_of: SettingsOf, world: World, app: App
) -> None:
    for lost, what in (
        ({Right.CONTENTS}, "the App may not write contents"),
        ({Right.CONTENTS, Right.PULLS}, "the App may not write contents and pull requests"),
    ):
        given(world, app, *lost)
        (fault,) = faults(await examine_github(settings_of(**names)))
        assert (fault.check, fault.level, fault.what) == ("GitHub writing", Level.FAILED, what)
        assert "read and write, in the App's settings" in fault.do


async def test_it_may_read_members_alone(
    names: dict[str, object], settings_of: SettingsOf, world: World, app: App
) -> None:
    given(world, app, Right.MEMBERS)
    (fault,) = faults(await examine_github(settings_of(**names)))
    assert (fault.check, fault.level) == ("GitHub invitations", Level.WARNING)
    assert "Members: read and write" in fault.do


async def test_it_is_not_shown_members(
    names: dict[str, object], settings_of: SettingsOf, world: World, app: App
) -> None:
    given(world, app, Right.MEMBERS, Right.MEMBERS_READ)
    found = levels(await examine_github(settings_of(**names)))
    assert found["GitHub experts' team"] is found["GitHub sites' team"] is Level.FAILED
    assert found["GitHub writing"] is Level.OK


async def test_the_repository_is_not_among_its_own(
    names: dict[str, object], settings_of: SettingsOf, world: World
) -> None:
    world.misbehave(Misbehaviour("/installation/repositories", status=404))
    (fault,) = faults(await examine_github(settings_of(**names)))
    assert fault.what == "the App was not given AAROC/DevOps"


async def test_the_key_is_looked_after_and_not_told(
    names: dict[str, object], settings_of: SettingsOf, key: rsa.RSAPrivateKey
) -> None:
    file = names["GITHUB__APP_KEY_FILE"]
    assert isinstance(file, Path)
    file.chmod(0o644)
    found = await examine(settings_of(**names))
    told = {one.check: one for one in found}
    assert told["Key files"].what == f"{file} can be read by others"
    assert told["Clock"].level is told["DevOps repository"].level is Level.OK
    assert not any(
        line in as_text(one) for one in found for line in private(key).split("\n") if line
    )


@pytest.mark.parametrize(
    ("how", "told"),
    [
        (Misbehaviour("/orgs", limited="secondary"), ("rate limit is used up", "wait 1 min")),
        (Misbehaviour("/app", status=500), ("GitHub answered 500", "a fault of its own")),
        (Misbehaviour("/orgs/AAROC/installation", status=403), ("(403)", "install it there")),
    ],
)
async def test_github_does_not_let_it_in(
    names: dict[str, object],
    settings_of: SettingsOf,
    world: World,
    how: Misbehaviour,
    told: tuple[str, str],
) -> None:
    world.misbehave(how)
    first = next(iter(faults(await examine_github(settings_of(**names)))))
    assert told[0] in first.what and told[1] in first.do
