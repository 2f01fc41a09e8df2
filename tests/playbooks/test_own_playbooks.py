"""The bot's own playbooks, played on folders of this machine."""

import shutil
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.execution.conftest import Stage

PLAYBOOKS = Path(__file__).parents[2] / "playbooks"
OPENSSL = shutil.which("openssl", path="/usr/bin:/bin") is not None
"""Without it a host's certificate is unknown, and said to be."""


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    stage.inventory_variables(
        "ansible_connection: local", 'host_root: "{{ hosts_folder }}/{{ inventory_hostname }}"'
    )
    return stage


def certificate(folder: Path, days: int) -> None:
    target = folder / "etc/grid-security"
    target.mkdir(parents=True)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "one")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    (target / "hostcert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))


def of(host: str, said: Iterable[tuple[str, str]]) -> list[str]:
    return [line for who, line in said if who == host]


async def test_ping_and_host_certificates(stage: Stage) -> None:
    certificate(stage.hosts / "one", 10)
    ping = await stage.play((PLAYBOOKS / "ping.yml").read_text())
    assert ping.succeeded and len(ping.recap.counts) == 2 and not ping.recap.changed

    ending = await stage.play((PLAYBOOKS / "host-certificates.yml").read_text())
    assert ending.succeeded and not ending.recap.changed, ending.log
    (one,) = of("one", ending.recap.said)
    path = f"{stage.hosts}/one/etc/grid-security/hostcert.pem"
    ends = f"attention: {path} ends in 9 days" if OPENSSL else f"{path} cannot be read"
    assert one.startswith(ends)
    assert of("two", ending.recap.said) == [
        f"no certificate at {stage.hosts}/two/etc/grid-security/hostcert.pem"
    ]


async def test_check_site_tells_what_needs_somebody_and_what_is_unknown(stage: Stage) -> None:
    one = stage.hosts / "one"
    certificate(one, 100)
    (one / "etc/grid-security/certificates").mkdir()
    (one / "proc").mkdir()
    (one / "proc/loadavg").write_text("0.10 9.50 0.30 1/200 4242\n")
    (one / "proc/meminfo").write_text("MemTotal:       1000 kB\nMemAvailable:    40 kB\n")
    (one / "proc/cpuinfo").write_text("processor\t: 0\nprocessor\t: 1\n")
    (stage.hosts / "two").mkdir()
    text = (PLAYBOOKS / "check-site.yml").read_text()

    ending = await stage.play(text)
    assert ending.succeeded and not ending.recap.changed, ending.log
    assert of("one", ending.recap.said)[:3] == [
        "attention: load: 9.50 on 2 processors",
        "attention: memory: 4 % available",
        "attention: revocation lists: none",
    ]
    left = "99 days left" if OPENSSL else "unknown"
    assert f"host certificate: {left}" in of("one", ending.recap.said)
    assert {"load: unknown", "memory: unknown"} <= set(of("two", ending.recap.said))


async def test_check_site_looks_at_a_whole_machine(stage: Stage) -> None:
    stage.inventory_variables("ansible_connection: local", "disk_warning_percent: 0")
    ending = await stage.play((PLAYBOOKS / "check-site.yml").read_text(), hosts=("one",))
    assert ending.succeeded and not ending.recap.changed, ending.log
    said = "\n".join(of("one", ending.recap.said))
    assert "attention: disks: / " in said
    assert "clock: " in said and "units: " in said and "processors" in said
