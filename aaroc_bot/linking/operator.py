"""Who sits at the operator's machine: the name that is put on record for what they do there."""

import os
import pwd
import re

SUDO = "SUDO_USER"
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,63}")


def operator() -> str:
    """Give the operating system's name of who started this process.

    It is the kernel's word (the real user id), not LOGNAME or USER, which anybody sets. Only
    of root is told who became root by sudo, ``root (sudo: alice)``: root could say anything.
    """
    uid = os.getuid()
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:  # a container's user need not have a name
        return f"uid {uid}"
    before = os.environ.get(SUDO, "")
    return f"{name} (sudo: {before})" if uid == 0 and _NAME.fullmatch(before) else name
