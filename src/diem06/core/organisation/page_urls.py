"""Where the pages about people and their wishes are."""

from django.urls import path

from diem06.core.organisation import pages

urlpatterns = [
    path("people/handover/", pages.handover, name="handover"),
    path("views/", pages.save_view, name="view-save"),
    path("views/<int:view_id>/delete/", pages.delete_view, name="view-delete"),
    path("help/", pages.help_page, name="help"),
    path("help/tour/", pages.tour_seen, name="tour-seen"),
    path("use/", pages.weekly_use, name="weekly-use"),
]
