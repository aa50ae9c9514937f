"""A real installation of the demo for browser tests: its own data folder, `diem06 serve`, hashed static files."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.server import diem06, serving

PASSWORD = "diem06-so-lieu-gia-dinh"


@dataclass(frozen=True)
class Site:
    """Where the installation answers, and where its data lie."""

    url: str
    data: Path

    def run(self, *command: str) -> str:
        """Run `diem06 COMMAND` on its data and return what it printed."""
        return diem06(self.data, *command).stdout


def make_demo(data: Path, *, months: int) -> None:
    """Make the demo of the first `months` months in `data`."""
    diem06(data, "demo", "--no-serve", "--months", str(months))


@contextmanager
def demo_site(demo: Path, data: Path) -> Iterator[Site]:
    """Copy a demo that was made into the new folder `data` and serve it on a free port until the block ends."""
    shutil.copytree(demo, data)
    with serving(data) as server:
        yield Site(url=server.url, data=data)
