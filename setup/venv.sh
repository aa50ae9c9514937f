#!/bin/sh
# Make .venv/ with the first Python >= 3.11 on this machine (or the one named in PYTHON).
set -eu
cd "$(dirname "$0")/.."

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

[ -x .venv/bin/python ] && is_new_enough .venv/bin/python && .venv/bin/python -m pip --version >/dev/null 2>&1 && exit 0

python=""
for candidate in ${PYTHON:-} python3.11 python3 python3.12 python3.13 python3.14; do
    if is_new_enough "$candidate"; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "Python 3.11 or newer is needed: install python3.11, or name it: make PYTHON=/path/to/python setup" >&2
    exit 2
fi

# Debian keeps the half of venv that installs pip in a package of its own.
if ! "$python" -c 'import ensurepip' 2>/dev/null; then
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    setup/apt.sh "python$version-venv"
fi
"$python" -m venv --clear .venv
