"""Areas over time: the product's own list, its tree on every day, what became of each area."""

import csv
import shutil
from collections import Counter
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from diem06.core.areas import queries
from diem06.core.areas.actions import OWN_LIST, load_areas
from diem06.core.areas.area_list import AreaListError
from diem06.core.areas.models import Area, AreaParent, Succession
from diem06.core.areas.queries import AreaUnknown, areas_on, became
from diem06.core.audit.models import Entry

FIRST, VIET_YEN, NQ_1191, NQ_1658, LAST = (
    date(2023, 4, 10),
    date(2024, 2, 1),
    date(2025, 1, 1),
    date(2025, 7, 1),
    date(2026, 9, 20),
)
days = st.dates(FIRST, date(2027, 12, 31))


@pytest.fixture(scope="module")
def own_list(django_db_setup, django_db_blocker):
    """The own list, loaded once for the tests that only read, and taken away afterwards."""
    with django_db_blocker.unblock():
        atomic = transaction.atomic()
        atomic.__enter__()
        load_areas()
        yield
        transaction.set_rollback(True)
        atomic.__exit__(None, None, None)
    queries.forget()


@pytest.fixture
def made_list(tmp_path):
    """Change the own list: `made_list("areas.csv", lambda rows: ...)` gives the folder of the changed copy."""
    shutil.copytree(OWN_LIST, tmp_path / "list")

    def change(name, edit):
        path = tmp_path / "list" / name
        with path.open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        columns = list(rows[0])
        edit(rows)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(rows)
        return path.parent

    return change


# -- facts of the own list -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("day", "root", "districts", "types"),
    [
        (FIRST, "24 Tỉnh Bắc Giang", 10, (182, 10, 17)),
        (VIET_YEN - timedelta(1), "24 Tỉnh Bắc Giang", 10, (182, 10, 17)),
        (VIET_YEN, "24 Tỉnh Bắc Giang", 10, (175, 19, 15)),
        (NQ_1191 - timedelta(1), "24 Tỉnh Bắc Giang", 10, (175, 19, 15)),
        (NQ_1191, "24 Tỉnh Bắc Giang", 10, (143, 35, 14)),
        (NQ_1191, "27 Tỉnh Bắc Ninh", 8, (66, 50, 5)),
        (NQ_1658, "24 Tỉnh Bắc Ninh", 0, (66, 33, 0)),
        (LAST - timedelta(1), "24 Tỉnh Bắc Ninh", 0, (66, 33, 0)),
        (LAST, "24 Thành phố Bắc Ninh", 0, (54, 45, 0)),
    ],
)
def test_counts_of_each_day(own_list, day, root, districts, types):
    """Provinces, districts and communes (xã, phường, thị trấn) are as many as the data's README says."""
    code, name = root.split(" ", 1)
    tree = areas_on(day)
    communes = Counter(area.type for area in tree.descendants(code, "commune"))

    assert tree.get(code).name == name
    assert len(tree.descendants(code, "district")) == districts
    assert (communes["Xã"], communes["Phường"], communes["Thị trấn"]) == types
    assert communes.total() == sum(types)


@pytest.mark.parametrize(("day", "new"), [(VIET_YEN, 9), (NQ_1191, 36 + 121), (NQ_1658, 98), (LAST, 12)])
def test_new_communes_of_each_step(own_list, day, new):
    assert Area.objects.filter(level="commune", valid_from=day).count() == new


def test_the_map_changes_on_the_days_of_the_resolutions_only(own_list):
    assert queries.days_of_change() == [FIRST, VIET_YEN, NQ_1191, NQ_1658, LAST]


def test_nothing_is_known_before_the_first_list(own_list):
    tree = areas_on(FIRST - timedelta(1))

    assert len(tree) == 0
    with pytest.raises(AreaUnknown):
        _ = tree.province


def test_two_provinces_stand_side_by_side_in_the_first_half_of_2025(own_list):
    tree = areas_on(date(2025, 3, 1))

    assert [root.code for root in tree.roots] == ["24", "27"]
    assert tree.province.code == "24"


def test_viet_yen_becomes_a_town(own_list):
    """The area of the code 222 is another one from 01/02/2024, and the whole of the old one."""
    before, after = areas_on(VIET_YEN - timedelta(1)).get("222"), areas_on(VIET_YEN).get("222")

    assert (before.name, before.valid_from) == ("Huyện Việt Yên", FIRST)
    assert (after.name, after.valid_from) == ("Thị xã Việt Yên", VIET_YEN)
    assert [(share.area_code, share.population, share.area) for share in became("222", FIRST, VIET_YEN)] == [
        ("222", 1, 1)
    ]


def test_thanh_hai_alone_is_split_over_two_communes(own_list):
    """The 209 communes of 2023 reach 58 of the 99 communes of 2026; only 07549 reaches two."""
    shares = {
        area.code: became(area.code, area.valid_from, LAST) for area in areas_on(FIRST).descendants("24", "commune")
    }

    assert len(shares) == 209
    assert len({share.area_code for reached in shares.values() for share in reached}) == 58
    assert [code for code, reached in shares.items() if len(reached) > 1] == ["07549"]


def test_tuan_dao_stays_itself(own_list):
    [share] = became("07663", FIRST, LAST)

    assert (share.area_code, share.valid_from, share.population) == ("07663", FIRST, 1)


def test_names(own_list):
    tree = areas_on(FIRST)

    assert tree.get("216").name == "Huyện Tân Yên"
    assert [tree.get(code).short_name for code in ("24", "216", "213", "07774")] == [
        "Bắc Giang",
        "Tân Yên",
        "TP Bắc Giang",
        areas_on(FIRST).get("07774").name.split(" ", 1)[1],
    ]


# -- what holds on every day -----------------------------------------------------------------------------------------
@given(day=days)
def test_the_tree_is_a_tree_on_every_day(own_list, day):
    """Every area but a root lies in one area of a higher level, and all are reached from the roots, each once."""
    tree = areas_on(day)
    reached = [area.code for root in tree.roots for area in (root, *tree.descendants(root.code))]

    assert sorted(reached) == sorted(area.code for area in tree)
    assert all(root.level == "province" for root in tree.roots)
    for area in tree:
        above = tree.ancestors(area.code)
        assert [each.code for each in above[:1]] == ([area.parent] if area.parent else [])
        assert area not in above
        if area.parent:
            assert area in tree.children(area.parent)
            assert above[-1] in tree.roots


@given(data=st.data(), first=days, later=st.integers(0, 1600))
def test_shares_of_what_became_add_up_to_one(own_list, data, first, later):
    """From any area of any day to any later day: the shares are of areas of that day and add up to exactly 1."""
    area = data.draw(st.sampled_from(list(areas_on(first))))
    on = first + timedelta(later)
    shares = became(area.code, area.valid_from, on)
    tree = areas_on(on)

    assert sum(share.population for share in shares) == 1
    assert sum(share.area for share in shares) == 1
    assert all(tree.get(share.area_code).valid_from == share.valid_from for share in shares)
    assert len({share.area_code for share in shares}) == len(shares)
    assert [share.population for share in shares] == sorted((share.population for share in shares), reverse=True)


@given(data=st.data(), first=days, middle=st.integers(0, 800), later=st.integers(0, 800))
def test_becoming_in_two_steps_is_becoming_in_one(own_list, data, first, middle, later):
    area = data.draw(st.sampled_from(list(areas_on(first))))
    halfway, on = first + timedelta(middle), first + timedelta(middle + later)
    in_two: Counter = Counter()
    for step in became(area.code, area.valid_from, halfway):
        for share in became(step.area_code, step.valid_from, on):
            in_two[share.area_code] += step.population * share.population  # type: ignore[assignment]

    assert in_two == {share.area_code: share.population for share in became(area.code, area.valid_from, on)}


def test_unknown_areas_and_days_before_are_refused(own_list):
    with pytest.raises(AreaUnknown, match="No area 222 begins on 2024-02-02"):
        became("222", date(2024, 2, 2), LAST)
    with pytest.raises(ValueError, match="before 222 began"):
        became("222", VIET_YEN, FIRST)
    with pytest.raises(AreaUnknown):
        areas_on(LAST).get("222")
    assert "222" not in areas_on(LAST)


# -- loading ---------------------------------------------------------------------------------------------------------
def test_loading_again_changes_nothing(db):
    first = load_areas(by=None)
    pks = set(Area.objects.values_list("pk", flat=True)), set(Succession.objects.values_list("pk", flat=True))

    again = load_areas(by=None)

    assert (first.areas, first.new, again.new, again.changed) == (512, 512, 0, 0)
    assert (AreaParent.objects.count(), Succession.objects.count()) == (657, 498)
    assert pks == (set(Area.objects.values_list("pk", flat=True)), set(Succession.objects.values_list("pk", flat=True)))
    assert Entry.objects.filter(action="areas.load").count() == 1


def test_a_corrected_name_is_loaded_and_seen_at_once(db, made_list):
    load_areas()
    assert areas_on(FIRST).get("216").name == "Huyện Tân Yên"

    def correct(rows):
        next(row for row in rows if row["code"] == "216")["name"] = "Huyện Tân Yên mới"

    loaded = load_areas(made_list("areas.csv", correct), by=5)

    assert (loaded.new, loaded.changed) == (0, 1)
    assert areas_on(FIRST).get("216").name == "Huyện Tân Yên mới"
    assert Entry.objects.latest("pk").by_id == 5


def _drop(rows):
    del rows[100]


def _set(index, **values):
    return lambda rows: rows[index].update(values)


@pytest.mark.parametrize(
    ("name", "edit", "fault"),
    [
        ("areas.csv", _set(0, valid_from="10/04/2023"), "areas.csv:2: valid_from '10/04/2023': write a day"),
        ("areas.csv", _set(0, valid_to="2023-04-10"), "areas.csv:2: valid_to 2023-04-10: it must be later"),
        ("areas.csv", _set(0, valid_to="2026-01-01"), "24 of 2023-04-10 goes on when 24 of 2025-07-01 begins"),
        ("areas.csv", _set(4, level="huyện"), "areas.csv:6: level 'huyện': write one of province, district, commune"),
        ("areas.csv", _set(4, name="Bắc Giang"), "areas.csv:6: name 'Bắc Giang': begin it with its type"),
        ("areas.csv", _set(4, population="nhiều"), "areas.csv:6: population 'nhiều'"),
        ("areas.csv", lambda rows: rows.append(dict(rows[4])), "stands there twice"),
        ("parents.csv", _set(0, parent_code="25"), "parents.csv: 25 of 2023-04-10 is not in areas.csv"),
        ("parents.csv", _set(0, parent_code="216"), "(district) cannot lie in 216 of 2023-04-10 (district)"),
        ("parents.csv", _set(0, **{"from": "2023-05-01"}), "213 of 2023-04-10 must lie in exactly one area"),
        ("parents.csv", _set(0, to="2025-08-01"), "on days when that one is not there"),
        ("succession.csv", _set(0, share_area="0.9"), "the shares of 222 of 2023-04-10 add up to 1 and 0.9"),
        ("succession.csv", _set(0, effective="2024-02-02"), "222 of 2023-04-10 does not end on 2024-02-02"),
        ("succession.csv", _set(0, new_code="216"), "216 of 2024-02-01 is not in areas.csv"),
    ],
)
def test_a_wrong_list_is_refused_whole_and_says_where(db, made_list, name, edit, fault):
    with pytest.raises(AreaListError) as refused:
        load_areas(made_list(name, edit))

    assert any(fault in each for each in refused.value.faults), refused.value.faults
    assert not Area.objects.exists()


def test_wrong_columns_and_missing_files_are_named(db, tmp_path):
    (tmp_path / "areas.csv").write_text("code,name\n", encoding="utf-8")

    with pytest.raises(AreaListError) as refused:
        load_areas(tmp_path)

    assert "parents.csv: the file is missing" in refused.value.faults
    assert any(fault.startswith("areas.csv:1: the columns must be code,") for fault in refused.value.faults)


def test_a_list_that_drops_a_known_area_is_refused(db, tmp_path):
    _small_list(tmp_path, communes=("x1", "x2"))
    load_areas(tmp_path)
    _small_list(tmp_path, communes=("x1", "x2"), first="2020-01-02")

    with pytest.raises(AreaListError, match="x1 of 2020-01-01 is known and not in the list"):
        load_areas(tmp_path)


def test_another_list_stands_beside_the_own_one(db, tmp_path):
    """A list whose top is a district, with codes of its own."""
    _small_list(tmp_path, communes=("x1", "x2"))
    load_areas()
    load_areas(tmp_path)

    tree = areas_on(FIRST)
    assert [root.code for root in tree.roots] == ["24", "dx"]
    assert [area.code for area in tree.descendants("dx")] == ["x1", "x2"]
    assert tree.province.code == "24"


def _small_list(folder, *, communes, first="2020-01-01"):
    areas = [f"dx,{first},,district,Huyện,Huyện Xa,,,"] + [
        f"{code},{first},,commune,Xã,Xã {code},,," for code in communes
    ]
    (folder / "areas.csv").write_text(
        "code,valid_from,valid_to,level,type,name,area_km2,population,population_basis\n" + "\n".join(areas),
        encoding="utf-8",
    )
    links = [f"{code},{first},dx,{first},{first}," for code in communes]
    (folder / "parents.csv").write_text(
        "code,valid_from,parent_code,parent_valid_from,from,to\n" + "\n".join(links), encoding="utf-8"
    )
    (folder / "succession.csv").write_text(
        "effective,old_code,old_valid_from,new_code,new_valid_from,share_population,share_area,basis\n",
        encoding="utf-8",
    )


def test_the_database_refuses_an_area_that_ends_before_it_begins(db):
    with pytest.raises(IntegrityError):
        Area.objects.create(code="1", valid_from=LAST, valid_to=FIRST, level="commune", type="Xã", name="Xã A")


def test_the_lists_are_read_once(own_list, django_assert_num_queries):
    queries.forget()
    with django_assert_num_queries(3):
        areas_on(FIRST)
        areas_on(LAST)
        became("222", FIRST, LAST)
