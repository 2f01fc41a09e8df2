#!/bin/sh
# The tests of the page need a real Chromium: install Debian's where we may. Where we may
# not, the test run says in its last lines what it could not check.
command -v chromium >/dev/null && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null
fi
exit 0
