#!/bin/sh
# Make .venv with a Python that the project supports; say in one sentence what is missing.
set -eu
python=${1:-}
if [ -z "$python" ]; then
    echo "aaroc-bot needs Python 3.11, 3.12 or 3.13, and none is on the PATH; set PYTHON= to one." >&2
    exit 1
fi
if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "python$version-venv" >/dev/null
    else
        echo "Python's venv module is missing: install python$version-venv (Debian) and try again." >&2
        exit 1
    fi
fi
rm -rf .venv
exec "$python" -m venv .venv
