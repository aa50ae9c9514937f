from django.utils.translation import gettext_lazy as _

from diem06.core import roster

SITE, POINT, GATE = "heritage_site", "heritage_point", "heritage_gate"


class HeritageSitesConfig(roster.PilotConfig):
    name = "diem06.pilots.heritage_sites"
    label = "heritage_sites"
    pilot = roster.Pilot(
        clauses=("A.6", "III.6"),
        icon="building-monument",
        place_kinds=(
            roster.PlaceKind(code=SITE, title=_("Điểm di tích, tham quan")),
            roster.PlaceKind(code=POINT, title=_("Điểm thành phần"), parents=(SITE,)),
            roster.PlaceKind(code=GATE, title=_("Cổng"), parents=(POINT, SITE)),
        ),
        scope_list="heritage-sites",
    )
