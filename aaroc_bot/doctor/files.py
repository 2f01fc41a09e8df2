"""Files: the state folder, and that each key is read by the bot's own user alone."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from aaroc_bot.doctor.finding import Finding, failed, ok, warning
from aaroc_bot.settings import FILE, Settings

STATE, KEYS, HOSTS = "State folder", "Key files", "Known hosts"
OTHERS = stat.S_IRWXG | stat.S_IRWXO
WRITE = stat.S_IWGRP | stat.S_IWOTH


def examine_state(settings: Settings) -> Finding:
    """See whether the state folder is the bot's own."""
    state = settings.state_dir
    if not state.exists():
        return warning(STATE, f"{state} is not there yet", "`aaroc-bot run` makes it")
    if not state.is_dir() or not os.access(state, os.R_OK | os.W_OK | os.X_OK):
        do = "give it to the user that the bot runs as, or set AAROC_STATE_DIR"
        return failed(STATE, f"{state} is no folder that this user may write to", do)
    if stat.S_IMODE(state.stat().st_mode) & OTHERS:
        return failed(STATE, f"{state} is open to other users", f"chmod 700 {state}")
    return ok(STATE, f"{state} is this user's alone")


def examine_keys(settings: Settings) -> list[Finding]:
    """See that each file that holds a secret can be read, and by nobody else."""
    files = list(dict.fromkeys(_secret_files(settings)))
    wrong = [finding for file in files if (finding := _key(file)) is not None]
    if wrong:
        return wrong
    return [ok(KEYS, f"{len(files)}, read by this user alone" if files else "none are named")]


def examine_known_hosts(settings: Settings) -> Finding:
    """See that the hosts' keys are there, and that nobody else adds some."""
    path = settings.ansible.known_hosts_file
    if path is None:
        do = "set AAROC_ANSIBLE__KNOWN_HOSTS_FILE, made by ssh-keyscan and compared by hand"
        return warning(HOSTS, "none: only local connections reach a host", do)
    if not os.access(path, os.R_OK) or not path.is_file():
        return failed(HOSTS, f"{path} cannot be read", "see AAROC_ANSIBLE__KNOWN_HOSTS_FILE")
    if stat.S_IMODE(path.stat().st_mode) & WRITE:
        return failed(HOSTS, f"{path} can be written by others", f"chmod 644 {path}")
    return ok(HOSTS, f"{path} can be read")


def _secret_files(settings: Settings) -> Iterator[Path]:
    """Give every file that may hold a secret: named ones, those of folders, the settings' own."""
    github, slack, telegram = settings.github, settings.slack, settings.telegram
    ansible = settings.ansible
    named = (
        *(settings.database_file, github.token_file),
        *(github.app_key_file, github.webhook_secret_file),
        *(slack.bot_token_file, slack.app_token_file, slack.signing_secret_file),
        *(telegram.token_file, telegram.webhook_secret_file),
        *(ansible.ssh_key_file, ansible.vault_password_file),
    )
    yield from (path for path in named if path is not None)
    for folder in (ansible.ssh_key_dir, ansible.vault_password_dir):
        if folder is not None:
            yield from _inside(folder)
    yield from (path for path in (Path(FILE), settings.state_dir / FILE) if path.is_file())


def _inside(folder: Path) -> Iterator[Path]:
    """Give a folder's files, or the folder itself where it cannot be listed."""
    try:
        yield from sorted(path for path in folder.iterdir() if path.suffix != ".pub")
    except OSError:
        yield folder


def _key(path: Path) -> Finding | None:
    try:
        mode = path.stat().st_mode
    except OSError as problem:
        return failed(KEYS, f"{path} cannot be read: {problem.strerror}", "see the settings' path")
    if not os.access(path, os.R_OK):
        return failed(
            KEYS, f"{path} cannot be read by this user", f"chown it, and chmod 600 {path}"
        )
    if stat.S_ISREG(mode) and mode & OTHERS:
        return failed(KEYS, f"{path} can be read by others", f"chmod 600 {path}")
    return None
