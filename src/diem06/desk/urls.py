"""Where the desk is: its app, the calls of devices, and the pages about them."""

from django.urls import path

from diem06.desk import api, app, pages

app_name = "desk"
urlpatterns = [
    path("api/events/", api.events, name="api-events"),
    path("api/events/<uuid:event_id>/", api.event, name="api-event"),
    path("api/enrol/", api.enrol, name="api-enrol"),
    path("api/state/", api.state, name="api-state"),
    path("api/wiped/", api.wiped, name="api-wiped"),
    path("", app.shell, name="app"),
    path("test/", app.scanner_test, name="app-test"),
    path("sw.js", app.service_worker, name="app-worker"),
    path("manifest.webmanifest", app.manifest, name="app-manifest"),
    path("devices/", pages.devices, name="devices"),
    path("devices/enrol/", pages.enrol, name="enrol"),
    path("devices/enrol/<int:enrolment_id>/", pages.enrolment, name="enrolment"),
    path("devices/enrol/<int:enrolment_id>/qr.svg", pages.enrolment_qr, name="enrolment-qr"),
    path("devices/<str:code>/", pages.device, name="device"),
    path("devices/<str:code>/events.xlsx", pages.events_file, name="device-events"),
    path("devices/<str:code>/revoke/", pages.revoke, name="device-revoke"),
    path("devices/<str:code>/import/", pages.import_queue, name="device-import"),
]
