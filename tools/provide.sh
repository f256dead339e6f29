#!/bin/sh
# Provides what the Makefile needs from the machine: `provide.sh venv` or `provide.sh browser`.
# As root on Debian or Ubuntu it installs what is missing; else it says in one line what to install.
set -eu
cd "$(dirname "$0")/.."

stop() {
    echo "$1" >&2
    exit 1
}

can_apt() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null
}

apt() {
    echo "installing $*" >&2
    apt-get update -qq >&2
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

venv() {
    python=${PYTHON:-python3}
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
        stop "Bulkhead needs Python 3.11 or newer; name it as: make PYTHON=/path/to/python3.11"
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        can_apt || stop "Python cannot make virtual environments: install python3-venv"
        apt python3-venv
    fi
    "$python" -m venv .venv
}

browser() {
    [ -n "${CHROMIUM:-}" ] && return
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        command -v "$name" >/dev/null && return
    done
    if can_apt && apt chromium; then
        return
    fi
    .venv/bin/python -m playwright install chromium ||
        stop "the browser tests need Chromium: install chromium, or set CHROMIUM to its path"
}

case "${1:-}" in
venv | browser) "$1" ;;
*) stop "usage: tools/provide.sh venv|browser" ;;
esac
