"""
The `diem06` command: a management command of the room that owns it.

Exit codes: 0 done; 1 the command ran and found faults (they are printed); 2 it could not run as asked (usage, missing
plan, unknown period, a database or a file that cannot be used); 130 interrupted.
"""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError, ProgrammingError


def main() -> None:
    """Run `diem06 COMMAND ...`. What the operator can mend is said in a sentence; `--traceback` shows where it came from."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "diem06.config.settings")
    try:
        execute_from_command_line(sys.argv)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # Whoever read the output has seen enough (`| head`): nothing is left to be written at the end of the process either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except (OperationalError, ProgrammingError, ImproperlyConfigured, OSError) as fault:
        if "--traceback" in sys.argv:
            raise
        sys.stderr.write(words_of(fault))
        sys.exit(2)


def words_of(fault: Exception) -> str:
    """Return what cannot be used, and what to do: in Vietnamese, then in English."""
    if isinstance(fault, OSError):
        what = f"{fault.filename}: {fault.strerror}" if fault.filename else str(fault).rstrip(".")
        return (
            f"Không đọc hoặc ghi được {what}. Xem lại tên, quyền và chỗ trống của tệp, thư mục ấy.\n"
            f"Cannot read or write {what}. Look at the name, the permissions and the space of that file or folder.\n"
        )
    what = str(fault).strip().splitlines()[0]
    if isinstance(fault, ImproperlyConfigured):
        return (
            f"Cấu hình chưa đúng: {what} Sửa biến môi trường ấy.\n"
            f"The settings are wrong: {what} Mend that variable of the environment.\n"
        )
    return (
        f"Cơ sở dữ liệu chưa dùng được: {what}. Xem lại DIEM06_DATA hoặc DIEM06_DATABASE, rồi chạy `diem06 migrate`.\n"
        f"The database is not ready: {what}. Look at DIEM06_DATA or DIEM06_DATABASE, then run `diem06 migrate`.\n"
    )


if __name__ == "__main__":
    main()
