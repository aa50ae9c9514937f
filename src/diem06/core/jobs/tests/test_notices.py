"""Notices: what a person is told, and that they are told it once and nobody else is."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy

from diem06.core.audit.models import Entry
from diem06.core.jobs import actions, handover, notices, queries
from diem06.core.jobs.models import Notice
from diem06.core.jobs.notices import NoticeError, notify
from diem06.core.jobs.tests.conftest import AT
from diem06.core.organisation.handovers import installed_parts


@pytest.fixture
def tell(person):
    def told(words="Báo cáo tháng 7 bị trả lại.", **values):
        return notify(**{"people": [person.pk], "kind": "report", "words": words, "at": AT, "by": None} | values)

    return told


def test_a_notice_is_read_in_the_language_of_the_reader(tell):
    notice = tell(gettext_lazy("Thông báo"))[0]

    assert notice.text == "Thông báo"
    with translation.override("en"):
        assert notice.text == "Notices"


def test_a_reminder_of_one_key_is_given_once(tell, person, other):
    """The cycle of months asks again every few minutes."""
    assert len(tell(key="due-2023-07")) == 1
    assert tell(key="due-2023-07") == []
    assert [notice.person for notice in tell(people=[person.pk, other.pk], key="due-2023-07")] == [other]
    assert Entry.objects.filter(action="notice.give").count() == 2


def test_database_refuses_the_same_notice_twice(tell, person):
    tell(key="a")
    with pytest.raises(IntegrityError), transaction.atomic():
        Notice.objects.create(person=person, kind="report", key="a", words={}, at=AT)


@pytest.mark.parametrize("words", ["Hồ sơ của 024190001234", "CMND 121234567"])
def test_words_with_a_number_of_a_citizen_are_refused(tell, words):
    with pytest.raises(NoticeError, match="personal"):
        tell(words)


@pytest.mark.parametrize("url", ["https://evil.example/", "//evil.example/", "/\\evil.example/", "my-work"])
def test_a_notice_leads_to_a_page_of_ours(tell, url):
    with pytest.raises(NoticeError):
        tell(url=url)


def test_the_bell_counts_what_is_unread(client, tell, person, other):
    tell("Một")
    tell("Hai")
    tell("Ba", people=[other.pk])
    client.force_login(person)

    assert '<span class="n tnum">2</span>' in client.get(reverse("account")).content.decode()
    client.post(reverse("notices-read"))
    assert '<span class="n tnum">' not in client.get(reverse("account")).content.decode()
    assert queries.unread_count(other.pk) == 1


def test_the_list_says_what_who_and_until_when(client, tell, person, other):
    tell(by=other.pk, url="/my-work/", until=AT + timedelta(days=2))
    client.force_login(person)
    page = client.get(reverse("notices")).content.decode()

    assert "Báo cáo tháng 7 bị trả lại." in page
    assert "Lê Thị Bình" in page
    assert "hạn 16:40 15/07/2023" in page


def test_following_a_notice_reads_it(client, tell, person):
    notice = tell(url="/my-work/")[0]
    client.force_login(person)

    assert client.get(reverse("notice", args=[notice.pk]))["Location"] == "/my-work/"
    assert queries.unread_count(person.pk) == 0


def test_nobody_follows_the_notice_of_another(client, tell, other):
    notice = tell()[0]
    client.force_login(other)

    assert client.get(reverse("notice", args=[notice.pk])).status_code == 404


def test_the_list_costs_the_same_for_one_and_for_many(client, tell, person, other, django_assert_max_num_queries):
    for number in range(60):
        tell(f"Việc {number}", by=other.pk)
    client.force_login(person)
    client.get(reverse("notices"))

    with django_assert_max_num_queries(12):
        client.get(reverse("notices"))


def test_notices_that_were_read_long_ago_go(tell, person):
    tell()
    notices.read(notices=Notice.objects.all(), at=AT)
    actions.remove_expired(at=AT + timedelta(days=89))
    assert Notice.objects.exists()
    actions.remove_expired(at=AT + timedelta(days=90))
    assert not Notice.objects.exists()


def test_unread_notices_pass_in_a_handover(start, tell, person, other):
    """Those of the units that pass; those of one's own long work stay, and the other is told."""
    from diem06.core.jobs import running

    assert "jobs.notices" in {part.key for part in installed_parts()}
    tell("Một", unit="so-y-te")
    tell("Hai", unit="so-khdt")
    tell("Ba", unit="so-y-te", key="known")
    tell("Ba", unit="so-y-te", key="known", people=[other.pk])
    running.run(start().pk)

    assert handover.count(person, None) == 3
    assert handover.count(person, ["so-y-te"]) == 2
    assert handover.hand_over(from_=person, to=other, units=["so-y-te"], at=AT, by=other.pk) == 1
    assert set(Notice.objects.filter(person=other).values_list("words__vi", flat=True)) == {
        "Một",
        "Ba",
        "Nguyễn Văn An bàn giao cho bạn 1 thông báo chưa đọc.",
    }
