"""Made-up people, and the units of a small plan."""

import pytest

from diem06.core.areas.actions import load_areas
from diem06.core.organisation import actions
from diem06.core.organisation.tests.small_plan import make_plan

PASSWORD = "con-suoi-xanh-7"


@pytest.fixture
def make_person(db):
    """`make_person("an", "Nguyễn Văn An")`: a person who signs in with PASSWORD."""

    def make(username="an", full_name="Nguyễn Văn An", **values):
        return actions.add_person(username=username, full_name=full_name, password=PASSWORD, **values)

    return make


@pytest.fixture
def units(db):
    """The areas and the units of the small plan."""
    load_areas()
    return actions.load_units(make_plan())
