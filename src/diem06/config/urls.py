"""Root URLs. A view of another package gets its rule here."""

from django.conf import settings
from django.urls import include, path

from diem06.config.health import health
from diem06.core import access
from diem06.core.organisation.views import set_language
from diem06.core.roster import installed_pilots
from diem06.core.roster.views import pilots as pilots_page

# A pilot's pages: /pilots/heritage-sites/, named heritage_sites:home.
pilots = [
    path(f"pilots/{pilot.label.replace('_', '-')}/", include((f"{pilot.name}.urls", pilot.label)))
    for pilot in installed_pilots()
]

urlpatterns = [
    path("desk/", include("diem06.desk.urls")),  # first: a gate waits for it
    path("", include("diem06.reports.urls")),
    path("plan/", include("diem06.core.plans.urls")),
    path("health/", health, name="health"),
    path("", include("diem06.core.jobs.urls")),
    path("", include("diem06.core.organisation.page_urls")),
    path("sheets/", include("diem06.core.sheets.urls")),
    path("pilots/", pilots_page, name="pilots"),
    *pilots,
    path("account/", include("diem06.core.organisation.urls")),
    path("language/", set_language, name="set_language"),
]

if settings.DEBUG:
    from diem06.core.ui.views import gallery

    urlpatterns += [path("ui/", access.rule(access.anyone)(gallery), name="ui-gallery")]
