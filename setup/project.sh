#!/bin/sh
# Put the project itself into the environment: its source folder on the path, and the `diem06` command.
# Plainer than an editable install, and needs no build tool beside the locked packages.
set -eu
cd "$(dirname "$0")/.."

packages=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
printf '%s\n' "$PWD/src" > "$packages/diem06.pth"

cat > .venv/bin/diem06 <<COMMAND
#!$PWD/.venv/bin/python
from diem06.config.command_line import main

main()
COMMAND
chmod +x .venv/bin/diem06
