"""Root URLs. A view of another package gets its rule here."""

from django.conf import settings
from django.urls import include, path

from diem06.config.health import health
from diem06.core import access
from diem06.core.organisation.views import set_language

urlpatterns = [
    path("", include("diem06.reports.urls")),
    path("plan/", include("diem06.core.plans.urls")),
    path("health/", health, name="health"),
    path("", include("diem06.core.jobs.urls")),
    path("", include("diem06.core.organisation.page_urls")),
    path("sheets/", include("diem06.core.sheets.urls")),
    path("account/", include("diem06.core.organisation.urls")),
    path("language/", set_language, name="set_language"),
]

if settings.DEBUG:
    from diem06.core.ui.views import gallery

    urlpatterns += [path("ui/", access.rule(access.anyone)(gallery), name="ui-gallery")]
