"""Rows written past the ORM are as the ORM would have written them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, transaction

from diem06.core.audit.models import Entry
from diem06.core.roster import rows
from tests.toy.models import ToyFact

AT = datetime(2024, 2, 20, 5, 0, 0, 123456, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def facts(*records: str) -> list[ToyFact]:
    return [
        ToyFact(
            measure="toy",
            source="toy",
            day=date(2024, 2, 20),
            recorded_at=AT,
            area="219",
            area_valid_from=date(2020, 1, 1),
            unit="Sơn Động 100%",
            value=number,
            record=record,
        )
        for number, record in enumerate(records)
    ]


def test_rows_are_inserted_in_one_statement_and_know_their_keys(django_assert_num_queries) -> None:
    new = facts("a", "b", "c")
    with django_assert_num_queries(1):
        rows.insert(ToyFact, new, known_by="record")
    assert [row.pk for row in new] == [ToyFact.objects.get(record=name).pk for name in ("a", "b", "c")]
    stored = ToyFact.objects.get(record="b")
    assert all(getattr(stored, field.attname) == getattr(new[1], field.attname) for field in ToyFact._meta.fields)


def test_details_of_an_entry_are_kept_as_json() -> None:
    new = Entry(at=AT, action="a.b", object_type="a", object_id="1", details={"name": "Lục Nam", "n": [1, None]})
    rows.insert(Entry, [new])
    assert Entry.objects.get().details == new.details


def test_what_is_fetched_is_whole_and_the_rest_is_read_when_asked_for(django_assert_num_queries) -> None:
    rows.insert(ToyFact, facts("a", "b"))
    with django_assert_num_queries(1):
        found = rows.fetch(
            ToyFact, {"id", "day", "recorded_at"}, "WHERE record IN (%s, %s) ORDER BY record", ["a", "b"]
        )
        assert [(row.day, row.recorded_at) for row in found] == [(date(2024, 2, 20), AT)] * 2
    with django_assert_num_queries(1):
        assert found[1].unit == "Sơn Động 100%"


def test_each_row_is_updated_to_what_it_says(django_assert_num_queries) -> None:
    new = facts("a", "b", "c")
    rows.insert(ToyFact, new, known_by="record")
    for number, row in enumerate(new):
        row.value, row.unit = 10 + number, "not written"
    with django_assert_num_queries(1):
        rows.update(ToyFact, new[:2], ("value",))
    assert list(ToyFact.objects.order_by("record").values_list("value", "unit")) == [
        (10, "Sơn Động 100%"),
        (11, "Sơn Động 100%"),
        (2, "Sơn Động 100%"),
    ]


def test_a_row_that_the_database_refuses_is_an_error_of_the_orm() -> None:
    new = facts("a")
    new[0].measure = None  # type: ignore[assignment]
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.insert(ToyFact, new)
