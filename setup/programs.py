"""
Run each program of a folder, one after the other, with clear output.

    python setup/programs.py bench|soak

Ends with 1 if one of them failed.
"""

import subprocess
import sys
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent


def main(folder: str) -> int:
    """Run `folder`/*.py in the order of their names; a name that begins with `_` is shared code."""
    programs = sorted(file for file in (REPOSITORY / folder).glob("*.py") if not file.name.startswith("_"))
    if not programs:
        print(f"{folder}/ holds no program yet.")
    failed = []
    for program in programs:
        print(f"== {folder}/{program.name}", flush=True)
        start = time.monotonic()
        ended = subprocess.run([sys.executable, program], cwd=REPOSITORY, check=False).returncode
        print(f"== {folder}/{program.name}: {time.monotonic() - start:.1f} s, exit {ended}", flush=True)
        if ended:
            failed.append(program.name)
    if failed:
        print(f"Failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
