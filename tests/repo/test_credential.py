"""The bot's token for git: shown to one host over https, and to nothing else."""

import asyncio
import base64
import datetime
import ipaddress
import os
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from aaroc_bot.repo.credential import Credential
from aaroc_bot.repo.git import Git
from aaroc_bot.repo.mirror import Mirror
from tests.repo.conftest import Upstream

TOKEN = "ghs_" + "sample" * 5
BASIC = "Basic " + base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()


@dataclass
class Host:
    """A web host with one private repository, by git's own CGI; `shown` is what it was told."""

    folder: Path
    url: str = ""
    elsewhere: str = ""
    shown: list[str | None] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        self.shown.append(request.headers.get("Authorization"))
        if self.elsewhere:
            raise web.HTTPFound(f"{self.elsewhere}{request.path_qs}")
        if self.shown[-1] != BASIC:
            raise web.HTTPUnauthorized(headers={"WWW-Authenticate": 'Basic realm="GitHub"'})
        environment = {
            **os.environ,
            "GIT_PROJECT_ROOT": str(self.folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": request.path,
            "QUERY_STRING": request.query_string,
            "REQUEST_METHOD": request.method,
            "CONTENT_TYPE": request.headers.get("Content-Type", ""),
            "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
        }
        child = await asyncio.create_subprocess_exec(
            "git",
            "-c",
            "safe.directory=*",
            "http-backend",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
        output, _ = await child.communicate(await request.read())
        head, _, body = output.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        return web.Response(body=body, headers=headers)


def certificate(folder: Path) -> Path:
    """Make a key and a certificate for loopback, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "loopback")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "loopback.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@asynccontextmanager
async def serving(host: Host, pem: Path) -> AsyncIterator[Host]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", host.answer)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(pem)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    host.url = f"https://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield host
    finally:
        await runner.cleanup()


@pytest.fixture
def pem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let git trust a certificate of the test's own."""
    pem = certificate(tmp_path)
    plain = Git._environment
    trusting = {"GIT_SSL_CAINFO": str(pem)}
    monkeypatch.setattr(Git, "_environment", lambda self: plain(self) | trusting)
    return pem


@pytest.fixture
async def host(upstream: Upstream, pem: Path) -> AsyncIterator[Host]:
    upstream.commit({"a": "1"})
    async with serving(Host(upstream.folder.parent), pem) as host:
        yield host


async def token() -> str | None:
    return TOKEN


async def test_a_private_repository_is_mirrored(
    host: Host, upstream: Upstream, tmp_path: Path
) -> None:
    url = f"{host.url}/{upstream.folder.name}/.git"
    assert not await Mirror(url, tmp_path / "without").refresh()
    assert not any(host.shown)
    mirror = Mirror(url, tmp_path / "state", Credential(host.url, token))
    assert await mirror.refresh()
    assert (await (await mirror.tree((await mirror.newest()).sha)).read(["a"]))["a"] == b"1"
    for path in (tmp_path / "state").rglob("*"):
        if path.is_file():
            assert TOKEN.encode() not in path.read_bytes(), "the token lies in no file"
            assert BASIC[6:].encode() not in path.read_bytes()


async def test_a_redirection_gets_no_token(
    host: Host, upstream: Upstream, tmp_path: Path, pem: Path
) -> None:
    async with serving(Host(upstream.folder.parent), pem) as other:
        host.elsewhere = other.url
        url = f"{host.url}/{upstream.folder.name}/.git"
        assert not await Mirror(url, tmp_path / "state", Credential(host.url, token)).refresh()
        assert not other.shown and host.shown


async def test_another_host_gets_no_token(host: Host, upstream: Upstream, tmp_path: Path) -> None:
    url = f"{host.url}/{upstream.folder.name}/.git"
    credential = Credential("https://github.com", token)
    assert not await Mirror(url, tmp_path / "state", credential).refresh()
    assert host.shown and not any(host.shown)


@pytest.mark.parametrize(
    "url",
    [
        "http://github.com/AAROC/DevOps",
        "https://github.com.example.org/AAROC/DevOps",
        "https://github.com:8443/AAROC/DevOps",
        "https://github.com@example.org/AAROC/DevOps",
        "https://somebody@github.com/AAROC/DevOps",
        "https://example.org/https://github.com/",
        "ssh://git@github.com/AAROC/DevOps",
        "git@github.com:AAROC/DevOps",
        "https://[github.com/AAROC/DevOps",
        "https://github.com:x/AAROC/DevOps",
        "/srv/github.com",
        "",
    ],
)
async def test_what_only_looks_like_the_host(url: str) -> None:
    assert not await Credential("https://github.com", token).environment(url)


@pytest.mark.parametrize("url", ["https://github.com/AAROC/DevOps", "https://GitHub.com:443/a/b"])
async def test_the_environment_is_for_that_host_alone(url: str) -> None:
    given = await Credential("https://github.com/", token).environment(url)
    assert given["GIT_CONFIG_KEY_0"] == "http.https://github.com/.extraHeader"
    assert given["GIT_CONFIG_VALUE_0"] == f"Authorization: {BASIC}"


async def test_without_a_token_it_is_asked_for_as_anybody() -> None:
    async def none() -> str | None:
        return None

    assert not await Credential("https://github.com", none).environment("https://github.com/a/b")
