"""The pages of the register, as a person meets them."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from typing import Any

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from diem06.core.access import Role
from diem06.core.audit.models import Entry
from diem06.core.organisation.actions import add_person, give_role, new_totp_secret, set_totp
from diem06.core.places.models import BaseList, Place
from diem06.core.plans.queries import Loaded
from diem06.pilots.heritage_sites.actions import register
from diem06.pilots.heritage_sites.actions.register import CapacityValues, FestivalValues, StepValues, WayOut
from diem06.pilots.heritage_sites.apps import GATE, SITE
from diem06.pilots.heritage_sites.models import Capacity, EquipmentStep, Festival, SiteRule
from diem06.pilots.heritage_sites.queries.register import festivals_on
from diem06.pilots.heritage_sites.tests.sites import AT, FIRST, KEEPER, a_site, adopted, commune

HOME = "/pilots/heritage-sites/"
ONE = f"{HOME}sites/chua-mau/"


def signed_in(unit: str, role: Role = Role.UNIT_REPORTER) -> Client:
    user = add_person(
        username=f"{role.value.replace('_', '-')}-{unit}"[:40], full_name="Nguyễn Văn Mẫu", password="mot-mat-khau-dai"
    )
    give_role(user=user, role=role, unit=unit, from_day=FIRST)
    if role is Role.CHAIRMAN_OFFICE:
        set_totp(user, new_totp_secret())
    client = Client()
    client.force_login(user)
    return client


def names(client: Client, query: str = "") -> list[str]:
    return [row.site.name for row in client.get(HOME + query).context["rows"]]


# -- who sees and keeps what -----------------------------------------------------------------------------------------
def test_department_sees_all_sites_and_a_district_those_on_its_ground(loaded: Loaded) -> None:
    a_site("o-day", name="Ở Trí Yên")
    a_site("o-kia", name="Ở Tiên Sơn", area=commune("Xã Tiên Sơn"))

    assert names(signed_in(KEEPER)) == ["Ở Tiên Sơn", "Ở Trí Yên"]
    assert names(signed_in("ubnd-tinh", Role.CHAIRMAN_OFFICE)) == ["Ở Tiên Sơn", "Ở Trí Yên"]
    assert names(signed_in("ubnd-yen-dung")) == ["Ở Trí Yên"]
    assert names(signed_in("so-y-te")) == []


def test_district_keeps_its_sites_and_no_others_and_who_reads_all_keeps_none(loaded: Loaded) -> None:
    a_site("o-day")
    a_site("o-kia", area=commune("Xã Tiên Sơn"))
    district, chairman = signed_in("ubnd-yen-dung"), signed_in("ubnd-tinh", Role.CHAIRMAN_OFFICE)

    assert district.get(f"{HOME}sites/o-day/change/").status_code == 200
    assert district.get(f"{HOME}sites/o-kia/").status_code == 403
    assert district.get(f"{HOME}base-list/adopt/").status_code == 403
    assert chairman.get(f"{HOME}sites/o-kia/").status_code == 200
    assert chairman.get(f"{HOME}sites/o-day/change/").status_code == 403


def test_unit_of_a_site_sees_it_wherever_it_lies(loaded: Loaded) -> None:
    a_site("cua-so", unit="so-y-te")

    assert names(signed_in("so-y-te")) == ["Chùa Mẫu"]


# -- the list --------------------------------------------------------------------------------------------------------
def test_list_is_searched_with_and_without_marks_and_narrowed_by_area_step_and_scope(loaded: Loaded) -> None:
    bo_da = a_site("bo-da", name="Chùa Bổ Đà", area=commune("Xã Tiên Sơn"))
    a_site("bo-dao", name="Đền Bộ Đao")
    adopted([bo_da])
    register.record_step(site=bo_da, values=StepValues(step="confirmed", day=FIRST), at=AT, by=None)
    client = signed_in(KEEPER)

    assert names(client, "?q=bo+da") == ["Chùa Bổ Đà", "Đền Bộ Đao"]
    assert names(client, "?q=Bộ+Đa")[0] == "Đền Bộ Đao"
    assert names(client, "?step=confirmed") == names(client, "?scope=in") == ["Chùa Bổ Đà"]
    assert names(client, f"?area={commune('Xã Trí Yên')}") == ["Đền Bộ Đao"]
    assert names(client, "?sort=-step") == ["Chùa Bổ Đà", "Đền Bộ Đao"]
    assert "Không có kết quả phù hợp" in client.get(f"{HOME}?q=khong-co").content.decode()


def test_empty_register_says_what_to_do_first(loaded: Loaded) -> None:
    assert "Thêm từng di tích" in signed_in(KEEPER).get(HOME).content.decode()


def test_list_asks_as_often_for_many_sites_as_for_few(loaded: Loaded, django_assert_max_num_queries: Any) -> None:
    for number in range(30):
        a_site(f"chua-{number}")
    client = signed_in(KEEPER)
    client.get(HOME)

    with django_assert_max_num_queries(24):
        client.get(HOME)


def test_excel_file_holds_the_list_as_it_is_narrowed(loaded: Loaded) -> None:
    a_site("mot", name="Chùa Một")
    a_site("hai", name="=Chùa Hai")
    client = signed_in(KEEPER)

    page = openpyxl.load_workbook(io.BytesIO(client.get(f"{HOME}sites.xlsx?q=hai").content)).active

    assert page is not None
    assert [row[1].value for row in page.iter_rows(min_row=4)] == ["=Chùa Hai"]
    assert page["B4"].data_type == "s"


# -- one site --------------------------------------------------------------------------------------------------------
def test_site_page_shows_capacity_with_its_arithmetic_festivals_with_solar_days_and_steps(loaded: Loaded) -> None:
    site = a_site()
    adopted([site])
    values = CapacityValues(usable_area_m2=1000, exits=(WayOut(width_m=3), WayOut(width_m=2)))  # type: ignore[arg-type]
    register.set_capacity(place=site, from_day=FIRST, values=values, at=AT, by=None)
    festival = FestivalValues(name="Lễ hội Mẫu", first_day=12, first_month=2, last_day=14, last_month=2)
    register.add_festival(site=site, values=festival, at=AT, by=None)
    register.record_step(site=site, values=StepValues(step="bought", day=FIRST, make="Máy A"), at=AT, by=None)

    text = signed_in(KEEPER).get(ONE).content.decode()

    assert "820 người" in text  # 2 m x 82 x 5, below 1.000 m² x 2
    assert "Không tính lối rộng nhất 3 m." in text
    assert "03/03/2023" in text
    assert "21/03/2024" in text
    assert "Máy A" in text
    assert "35/QĐ" not in text
    assert "12/QĐ-SVHTTDL" in text


def test_site_leads_to_its_own_devices(loaded: Loaded) -> None:
    Place.objects.create(
        pk=1234, kind=SITE, code="khac", valid_from=FIRST
    )  # an id that a number of this language breaks
    site = a_site()

    assert f'href="{reverse("desk:devices")}?place={site.pk}"' in signed_in(KEEPER).get(ONE).content.decode()


def test_form_adds_a_site_and_its_gate_and_a_wrong_code_is_said_over_the_form(loaded: Loaded) -> None:
    client = signed_in(KEEPER)
    form = {
        "name": "Đền Thử",
        "code": "Đền Thử",
        "from_day": "2023-06-15",
        "area": commune("Xã Trí Yên"),
        "unit": KEEPER,
    }
    wrong = client.post(f"{HOME}add-site/", form)
    right = client.post(f"{HOME}add-site/", form | {"code": "den-thu"})

    assert wrong.status_code == 422
    assert "Mã chỉ có chữ thường" in wrong.content.decode()
    assert right.status_code == 302
    assert right["Location"] == f"{HOME}sites/den-thu/"
    site = Place.objects.get(code="den-thu")
    gate = form | {"code": "den-thu-c1", "name": "Cổng chính", "kind": GATE, "within": str(site.pk)}
    assert client.post(f"{HOME}sites/den-thu/add-part/", gate).status_code == 302
    assert Place.objects.get(kind=GATE).parent == site


def test_forms_record_capacity_rule_hours_festival_and_step(loaded: Loaded) -> None:
    site = a_site()
    client = signed_in("ubnd-yen-dung")
    sent = {
        "capacity/": {
            "place": site.pk,
            "from_day": "2023-07-01",
            "usable_area_m2": "500",
            "persons_per_m2": "2",
            "exits": "3; 2,5",
            "flow_per_metre_minute": "82",
            "escape_minutes": "5",
        },
        "rule/": {"from_day": "2023-07-01", "retention_days": "14", "default_stay_minutes": "90", "reset_at": "03:00"},
        "hours/": {"place": site.pk, "from_day": "2023-07-01", "day0": "07:00-11:30; 13:30-17:00"},
        "festivals/add/": {
            "name": "Hội",
            "calendar": "lunar",
            "first_day": "30",
            "first_month": "3",
            "last_day": "2",
            "last_month": "4",
        },
        "steps/add/": {"step": "needed", "day": "2023-07-01", "quantity": "2"},
    }

    assert {url: client.post(ONE + url, data).status_code for url, data in sent.items()} == dict.fromkeys(sent, 302)
    assert [str(exit_.width_m) for exit_ in Capacity.objects.get().exits.all()] == ["3.00", "2.50"]
    assert SiteRule.objects.get().retention_days == 14
    assert [f"{one.opens:%H:%M}" for one in site.hours.all()] == ["07:00", "13:30"]
    assert (
        festivals_on(date(2023, 5, 19))[0].festival == Festival.objects.get()
    )  # the last day of the third lunar month
    assert EquipmentStep.objects.get().quantity == 2


def test_step_is_corrected_with_a_reason_and_the_old_row_stays(loaded: Loaded) -> None:
    site = a_site()
    row = register.record_step(site=site, values=StepValues(step="bought", day=FIRST), at=AT, by=None)
    client = signed_in(KEEPER)
    form = {"step": "needed", "day": "2023-06-20", "quantity": "1"}

    assert client.post(f"{ONE}steps/{row.pk}/correct/", form).status_code == 422
    assert client.post(f"{ONE}steps/{row.pk}/correct/", form | {"reason": "Ghi nhầm bước"}).status_code == 302
    row.refresh_from_db()
    assert (row.supersede_reason, row.replaced_by.step) == ("Ghi nhầm bước", "needed")  # type: ignore[union-attr]
    assert "Đã sửa: Ghi nhầm bước" in client.get(ONE).content.decode()


def test_capacity_and_rule_of_the_same_day_are_corrected_and_the_trail_keeps_both(loaded: Loaded) -> None:
    site = a_site()
    client = signed_in(KEEPER)
    capacity = {
        "place": site.pk,
        "from_day": "2023-07-13",
        "persons_per_m2": "2",
        "flow_per_metre_minute": "82",
        "escape_minutes": "5",
        "document": "4/BB ngày 12/07/2023",
    }
    for people in ("3500", "350"):
        assert client.post(f"{ONE}capacity/", capacity | {"declared": people}).status_code == 302
    rule = {"from_day": "2023-07-13", "default_stay_minutes": "90", "reset_at": "00:00"}
    for days in ("300", "30"):
        assert client.post(f"{ONE}rule/", rule | {"retention_days": days}).status_code == 302

    assert Capacity.objects.get().declared == 350
    assert SiteRule.objects.get().retention_days == 30
    assert Entry.objects.filter(action="heritage.capacity").latest("pk").details["instead_of"]["declared"] == 3500
    assert Entry.objects.filter(action="heritage.rule").latest("pk").details["instead_of"]["retention_days"] == 300


def test_number_that_is_none_is_said_in_plain_words(loaded: Loaded) -> None:
    site = a_site()
    sent = {"place": site.pk, "from_day": "2023-07-13", "usable_area_m2": "abc", "flow_per_metre_minute": "0"}

    text = signed_in(KEEPER).post(f"{ONE}capacity/", sent).content.decode()

    assert "Ghi một số nguyên" in text
    assert "Ghi số từ 1 trở lên." in text


def test_change_recorded_by_mistake_is_taken_back(loaded: Loaded) -> None:
    site = a_site()
    client = signed_in(KEEPER)
    form = {"name": "Chùa Nhầm", "from_day": "2023-07-10", "area": commune("Xã Tiên Sơn"), "unit": KEEPER}
    client.post(f"{ONE}change/", form)
    newest = site.terms.get(name="Chùa Nhầm")
    url = f"{ONE}changes/{newest.pk}/take-back/"

    assert url in client.get(ONE).content.decode()
    assert client.post(url, {"reason": "Nhầm di tích"}).status_code == 302
    assert [term.name for term in site.terms.all()] == ["Chùa Mẫu"]
    assert Entry.objects.get(action="place.take_back_change").details["reason"] == "Nhầm di tích"
    assert client.post(f"{ONE}changes/{site.terms.get().pk}/take-back/", {"reason": "Hết"}).status_code == 422


def test_single_exit_is_said_to_rest_on_an_assumption(loaded: Loaded) -> None:
    site = a_site()
    values = CapacityValues(usable_area_m2=1000, exits=(WayOut(width_m=Decimal(3)),))
    register.set_capacity(place=site, from_day=FIRST, values=values, at=AT, by=None)

    text = signed_in(KEEPER).get(ONE).content.decode()

    assert "60 người" in text
    assert "Đây là giả định" in text


def test_change_and_end_of_a_site_are_dated(loaded: Loaded) -> None:
    site = a_site()
    client = signed_in(KEEPER)
    form = {"name": "Chùa Mới", "from_day": "2023-07-10", "area": commune("Xã Tiên Sơn"), "unit": KEEPER}

    assert client.post(f"{ONE}change/", form).status_code == 302
    assert client.post(f"{ONE}change/", form).status_code == 422  # there is a change from that day already
    assert "Chùa Mẫu" in client.get(ONE).content.decode()  # what held before still stands in its history
    assert client.post(f"{ONE}close/", {"valid_to": "2023-07-12", "reason": "Nhập vào chùa khác"}).status_code == 302
    site.refresh_from_db()
    assert site.valid_to == date(2023, 7, 12)


# -- base list -------------------------------------------------------------------------------------------------------
def test_base_list_is_adopted_with_its_document_and_compared_with_the_one_before(loaded: Loaded) -> None:
    stays, goes, comes = (a_site(code, name=name) for code, name in (("a", "Chùa A"), ("b", "Chùa B"), ("c", "Chùa C")))
    adopted([stays, goes])
    client = signed_in(KEEPER)
    pdf = SimpleUploadedFile("danh muc.pdf", b"%PDF-1.7 ... %%EOF", content_type="application/pdf")
    form = {
        "number": "9/QĐ",
        "signed_on": "2023-07-01",
        "from_day": "2023-07-01",
        "title": "Danh mục mới",
        "sites": [stays.pk, comes.pk],
        "file": pdf,
    }

    assert client.post(f"{HOME}base-list/adopt/", form).status_code == 302
    page = client.get(f"{HOME}base-list/")
    newest = page.context["entries"][0]
    assert [place.name for place in newest["added"]] == ["Chùa C"]
    assert [place.name for place in newest["removed"]] == ["Chùa B"]
    row = BaseList.objects.get(number="9/QĐ")
    assert client.get(reverse("heritage_sites:list-file", args=[row.pk])).content == b"%PDF-1.7 ... %%EOF"


def test_list_adopted_by_mistake_is_taken_back_with_a_reason_and_the_one_before_holds_again(loaded: Loaded) -> None:
    first, second = a_site("a", name="Chùa A"), a_site("b", name="Chùa B")
    adopted([first, second], number="1/QĐ")
    adopted([second], number="2/QĐ", from_day=date(2023, 7, 1))
    wrong, right = BaseList.objects.get(number="2/QĐ"), BaseList.objects.get(number="1/QĐ")
    client, district = signed_in(KEEPER), signed_in("ubnd-yen-dung")
    url = f"{HOME}base-list/{wrong.pk}/take-back/"

    assert district.get(url).status_code == 403
    assert "Danh mục số 1/QĐ có hiệu lực trở lại" in client.get(url).content.decode()
    assert client.post(url, {"reason": " "}).status_code == 422
    assert client.post(f"{HOME}base-list/{right.pk}/take-back/", {"reason": "Nhầm"}).status_code == 422
    assert client.post(url, {"reason": "Chọn thiếu di tích"})["Location"] == f"{HOME}base-list/"
    page = client.get(f"{HOME}base-list/")
    assert page.context["current"] == right
    assert "Chọn thiếu di tích" in page.content.decode()
    assert client.get(url).status_code == 404  # it cannot be taken back twice
    assert Entry.objects.get(action="base_list.take_back").details["reason"] == "Chọn thiếu di tích"
    adopted([first], number="3/QĐ", from_day=date(2023, 7, 1))  # the day is free again


def test_current_list_is_searched_without_marks_and_paged(loaded: Loaded) -> None:
    adopted([a_site(f"chua-{number}", name=f"Chùa Số {number}") for number in range(30)])
    client = signed_in(KEEPER)

    assert len(client.get(f"{HOME}base-list/").context["sites"]) == 25
    assert len(client.get(f"{HOME}base-list/?page=2").context["sites"]) == 5
    assert client.get(f"{HOME}base-list/?q=chua+so+29").context["total"] == 1
    assert "Không có kết quả phù hợp" in client.get(f"{HOME}base-list/?q=khong").content.decode()


# -- pilots ----------------------------------------------------------------------------------------------------------
def test_pilot_stands_under_its_title_in_the_plan_and_in_the_menu(loaded: Loaded) -> None:
    page = signed_in(KEEPER).get("/pilots/")

    assert "Triển khai tại các khu di tích, các địa điểm đình, đền, chùa" in page.content.decode()
    assert "/pilots/" in {item.url for item in page.context["shell"].menu}


def test_pages_speak_english_too(loaded: Loaded) -> None:
    a_site()
    client = signed_in(KEEPER)
    client.cookies["django_language"] = "en"

    assert "Relics and sites" in client.get(HOME).content.decode()
