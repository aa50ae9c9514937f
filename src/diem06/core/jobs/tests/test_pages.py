"""The pages of long work."""

import pytest
from django.urls import reverse

from diem06.core.jobs import actions, queries, running
from diem06.core.jobs.models import Job, JobState
from diem06.core.jobs.tests.conftest import AT


def test_the_page_of_an_open_job_asks_again_and_has_a_link_for_who_has_no_script(client, start, person):
    job = start()
    actions.begin(job_id=job.pk, at=AT)
    actions.note_progress(job_id=job.pk, done=3, total=8, words="Đang đếm")
    client.force_login(person)
    page = client.get(job.get_absolute_url()).content.decode()

    assert 'hx-trigger="every 2s"' in page
    assert f'href="{job.get_absolute_url()}"' in page
    assert 'aria-valuenow="3"' in page
    assert "Đang đếm" in page


def test_the_page_of_a_job_that_has_ended_asks_no_more_and_reads_its_notice(client, start, person):
    """The file is handed out with its name; who sees the end needs no notice of it."""
    job = start("toy.write")
    running.run(job.pk)
    assert queries.unread_count(person.pk) == 1
    client.force_login(person)
    page = client.get(job.get_absolute_url()).content.decode()

    assert "hx-trigger" not in page
    assert "Có tệp" in page
    assert queries.unread_count(person.pk) == 0
    answer = client.get(reverse("job-file", args=[job.pk]))
    assert answer.content == b"mot"
    assert "dem.txt" in answer["Content-Disposition"]


def test_a_page_opened_from_a_job_that_waits_says_how_many_stand_before_it(client, start, person):
    from datetime import timedelta

    start()
    job = start(at=AT + timedelta(seconds=1))
    client.force_login(person)

    assert "Còn 1 việc phải làm trước." in client.get(job.get_absolute_url()).content.decode()


@pytest.mark.parametrize("name", ["job", "job-file"])
def test_nobody_sees_the_job_of_another(client, start, other, name):
    job = start("toy.write")
    running.run(job.pk)
    client.force_login(other)

    assert client.get(reverse(name, args=[job.pk])).status_code == 404


def test_nobody_stops_the_job_of_another(client, start, other):
    job = start()
    client.force_login(other)

    assert client.post(reverse("job-cancel", args=[job.pk])).status_code == 404
    assert Job.objects.get().state == JobState.WAITING


def test_the_button_stops_it(client, start, person):
    job = start()
    client.force_login(person)

    assert client.post(reverse("job-cancel", args=[job.pk]))["Location"] == job.get_absolute_url()
    assert "Việc đã dừng theo yêu cầu của bạn." in client.get(job.get_absolute_url()).content.decode()


def test_the_list_costs_the_same_for_one_and_for_many(client, start, person, django_assert_max_num_queries):
    for _number in range(60):
        start()
    client.force_login(person)
    client.get(reverse("jobs"))

    with django_assert_max_num_queries(12):
        client.get(reverse("jobs"))


def test_a_lost_file_is_told(client, start, person):
    """Its bytes are gone from the disk: 404, and no failure of the server."""
    from diem06.core.evidence import store

    job = start("toy.write")
    running.run(job.pk)
    job.refresh_from_db()
    store.remove(job.file.sha256)
    client.force_login(person)

    assert client.get(reverse("job-file", args=[job.pk])).status_code == 404
