"""Who may ask the sandbox's GitHub what: tokens, Apps, and a GitHub that answers amiss."""

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from aaroc_bot.sandbox.github.tokens import Right, Token
from aaroc_bot.sandbox.github.world import Misbehaviour
from tests.sandbox.github_client import REPO, GitHub


async def test_a_token_without_rights(github: GitHub) -> None:
    await github.propose("one", {"one.md": "1\n"})
    github.world.tokens["weak"] = Token(github.world.bot.id, frozenset())
    for method, path, status in (
        ("GET", REPO, 200),
        ("GET", REPO + "/pulls/1", 200),
        ("POST", REPO + "/git/blobs", 403),
        ("DELETE", REPO + "/git/refs/heads/one", 403),
        ("POST", REPO + "/pulls", 403),
        ("PATCH", REPO + "/pulls/1", 403),
        ("POST", REPO + "/pulls/1/reviews", 403),
        ("PUT", REPO + "/pulls/1/merge", 403),
        ("POST", REPO + "/statuses/main", 403),
        ("GET", "/orgs/AAROC/memberships/uj-admin", 403),
        ("POST", "/orgs/AAROC/invitations", 403),
        ("GET", "/orgs/AAROC/teams/experts", 404),
        ("PUT", "/orgs/AAROC/teams/experts/memberships/outsider", 403),
        ("DELETE", "/orgs/AAROC/members/uj-admin", 403),
    ):
        answer = await github.ask(method, path, token="weak")
        assert answer.status == status, (method, path, answer)
        if status == 403:
            told = "Resource not accessible by personal access token"
            assert answer.body["message"] == told
    assert "one" in github.git("branch")


async def test_a_person_may_what_such_a_person_may(github: GitHub) -> None:
    await github.propose("one", {"one.md": "1\n"})
    admin, outsider = github.world.act_as("uj-admin"), github.world.act_as("outsider")
    assert (await github.yes("GET", "/user", token=admin))["login"] == "uj-admin"
    comment = {"event": "COMMENT", "body": "Hm"}
    for token in (admin, outsider):
        await github.yes("POST", REPO + "/pulls/1/reviews", comment, token=token)
    assert (await github.ask("POST", "/orgs/AAROC/invitations", token=admin)).status == 403
    assert (await github.ask("GET", "/orgs/AAROC/members", token=outsider)).status == 403
    push = {"ref": "refs/heads/x", "sha": github.git("rev-parse", "main")}
    assert (await github.ask("POST", REPO + "/git/refs", push, token=outsider)).status == 403
    await github.yes("POST", REPO + "/git/refs", push, token=admin)


@cache
def key() -> tuple[str, str]:
    """Make a key pair, in PEM."""
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = made.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    public = made.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private.decode(), public.decode()


def login(claims: Mapping[str, object]) -> str:
    return jwt.encode(dict(claims), key()[0], algorithm="RS256")


async def test_an_app_gets_tokens_that_end(github: GitHub) -> None:
    app = github.world.install_app(key()[1])
    now = int(time.time())
    claims = {"iss": str(app.id), "iat": now - 60, "exp": now + 500}
    good = login(claims)
    assert (await github.yes("GET", "/app", token=good))["slug"] == "aaroc-bot"
    found = await github.yes("GET", "/orgs/AAROC/installation", token=good)
    made = await github.yes("POST", f"/app/installations/{found['id']}/access_tokens", token=good)
    token, ends = made["token"], datetime.fromisoformat(made["expires_at"])
    assert timedelta(minutes=59) < ends - datetime.now(UTC) <= timedelta(hours=1)
    assert (await github.ask("GET", REPO, token=token)).status == 200
    listed = await github.yes("GET", "/installation/repositories", token=token)
    assert listed["repositories"][0]["full_name"] == "AAROC/DevOps"
    await github.branch("one", {"one.md": "1\n"})
    body = {"title": "T", "head": "one", "base": "main"}
    pull = await github.yes("POST", REPO + "/pulls", body, token=token)
    assert (pull["user"]["login"], pull["user"]["type"]) == ("aaroc-bot[bot]", "Bot")
    github.world.now = lambda: datetime.now(UTC) + timedelta(hours=1)
    answer = await github.ask("GET", REPO, token=token)
    assert (answer.status, answer.body["message"]) == (401, "Bad credentials")


async def test_a_login_that_is_none_of_the_apps(github: GitHub) -> None:
    now = int(time.time())
    claims = {"iss": "1", "iat": now - 60, "exp": now + 500}
    assert (await github.ask("GET", "/app", token=login(claims))).status == 401
    app = github.world.install_app(key()[1])
    claims["iss"] = str(app.id)
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    for token in (
        login({**claims, "iss": "1"}),
        login({**claims, "exp": now - 10}),
        login({**claims, "exp": now + 3600}),
        login({"iss": str(app.id), "exp": now + 500}),
        jwt.encode(claims, other, algorithm="RS256"),
        jwt.encode(claims, "", algorithm="none"),
        jwt.encode(claims, "x" * 32, algorithm="HS256"),
        "x",
    ):
        for path in ("/app", "/orgs/AAROC/installation"):
            assert (await github.ask("GET", path, token=token)).status == 401
    assert (await github.ask("GET", REPO, token=login(claims))).status == 401


async def test_it_misbehaves_at_one_method_only(github: GitHub) -> None:
    body = {"ref": "refs/heads/x", "sha": github.git("rev-parse", "main")}
    github.world.misbehave(Misbehaviour(REPO, status=500, method="POST", times=1))
    assert (await github.ask("GET", REPO)).status == 200
    assert (await github.ask("POST", REPO + "/git/refs", body)).status == 500
    assert "x" not in github.git("branch").split()
    assert (await github.ask("POST", REPO + "/git/refs", body)).status == 201


@pytest.mark.parametrize("how", ["status", "silent", "secondary"])
async def test_it_answers_amiss_after_having_done_it(github: GitHub, how: str) -> None:
    amiss = {
        "status": Misbehaviour(status=500, after=True),
        "silent": Misbehaviour(silent=True, after=True),
        "secondary": Misbehaviour(limited="secondary", after=True),
    }[how]
    github.world.misbehave(amiss)
    body = {"ref": "refs/heads/x", "sha": github.git("rev-parse", "main")}
    asking = asyncio.create_task(github.ask("POST", REPO + "/git/refs", body))
    async with asyncio.timeout(20):
        while "x" not in (github.world.heads or {}):  # noqa: ASYNC110  no event to wait for
            await asyncio.sleep(0.01)
    github.world.behave()
    answer = await asking
    assert answer.status == {"status": 500, "silent": 201, "secondary": 403}[how]


async def test_an_unchanged_answer_costs_nothing(github: GitHub) -> None:
    first = await github.ask("GET", REPO + "/pulls")
    again = await github.ask("GET", REPO + "/pulls", If_None_Match=first.headers["ETag"])
    assert again.status == 304
    left = [int(one.headers["X-RateLimit-Remaining"]) for one in (first, again)]
    assert left[0] == left[1]


def test_rights_are_githubs_own_words() -> None:
    assert {"contents", "pull_requests", "statuses", "members"} <= set(Right)
