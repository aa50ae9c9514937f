"""
The `diem06` command: a management command of the room that owns it.

Exit codes: 0 done; 1 the command ran and found faults (they are printed); 2 it could not run as asked (usage, missing
plan, unknown period); 130 interrupted.
"""

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    """Run `diem06 COMMAND ...`."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "diem06.config.settings")
    try:
        execute_from_command_line(sys.argv)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
