"""The sample hosts: folders with what a machine looks like before its first deploy."""

from collections.abc import Mapping
from pathlib import Path

BDII = "# laid down by the installer\nBDII_USER=ldap\nBDII_PORT=2135\nBDII_LOG=/var/log/bdii.log\n"
PACKAGES = "emi-bdii-top\nglite-yaim-core\n"
OS = 'NAME="Sample Linux"\nVERSION_ID="7.4"\n'

PROCESSORS = "processor\t: 0\n\nprocessor\t: 1\n"
MEMORY = "MemTotal:        8000000 kB\nMemFree:         1200000 kB\nMemAvailable:    5200000 kB\n"
LOAD = "0.42 0.31 0.27 1/214 4711\n"

EVERY: Mapping[str, str] = {
    "etc/motd": "Sample Linux 7.4\n",
    "etc/os-release": OS,
    "proc/cpuinfo": PROCESSORS,
    "proc/loadavg": LOAD,
    "proc/meminfo": MEMORY,
}
"""Files of all hosts, for the bot's own entries that look at machines."""

BDII_HOST: Mapping[str, str] = {
    "etc/bdii/bdii.conf": BDII,
    "etc/bdii/gip/site.conf": "GlueSiteName: UNCONFIGURED\n",
    "var/run/bdii": "bdii of UNCONFIGURED listens on 2135\n",
}
"""A site BDII as its packages leave it, before anybody configured it."""

HOSTS: Mapping[str, Mapping[str, str]] = {
    "bdii1.uj.example": BDII_HOST,
    "wn01.uj.example": {},
    "wn02.uj.example": {},
    "wn03.uj.example": {},
    "bdii1.kenet.example": BDII_HOST,
    "ce1.kenet.example": {},
    "ui.kenet.example": {},
    "top1.meraka.example": {"var/cache/packages": f"{PACKAGES}lcg-CA\n"},
    # without lcg-CA: the deploy of its top BDII fails here
    "top2.meraka.example": {"var/cache/packages": PACKAGES},
    "bdii1.meraka.example": BDII_HOST,
    "bdii1.ufs.example": BDII_HOST,
    "se1.ufs.example": {},
    "wn01.ufs.example": {},
    "id1.maren.example": {},
}
"""Each host's files beside those that all have."""

FOLDERS = ("etc/bdii/gip", "etc/grid-security", "etc/yum.repos.d", "var/lib/yaim")
MORE_FOLDERS = ("proc", "var/cache", "var/log", "var/run", "tmp")


def create(folder: Path) -> None:
    """Make every sample host under `folder`. Check mode needs the folders to be there."""
    for host, own in HOSTS.items():
        root = folder / host
        for name in (*FOLDERS, *MORE_FOLDERS):
            (root / name).mkdir(parents=True, exist_ok=True)
        for path, content in {**EVERY, "etc/hostname": f"{host}\n", **own}.items():
            (root / path).write_text(content, encoding="utf-8")
