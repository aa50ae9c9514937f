"""
Believable numbers for the demo, from a seed: every one is made up.

A number is asked for by cell and month and never stored here, so the same seed gives the same province. Wholes are made
first and shared out over dimension values, so that parts always add up; a part of a whole is a rising share of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from math import exp

from diem06.core.areas.queries import AreaTree
from diem06.core.plans.cells import Cell, parsed

PEOPLE = {
    "213": 194_171, "215": 117_866, "216": 206_387, "217": 247_012, "218": 262_117,
    "219": 256_850, "220": 89_787, "221": 176_980, "222": 218_676, "223": 288_819,
}  # fmt: skip
"""People by district, for weights only (data/areas)."""


@dataclass(frozen=True)
class Share:
    """A share of another measure that rises from `first` towards `last`, faster at first."""

    of: str
    first: float
    last: float
    spread: float = 0.08  # how far areas and units lie apart


SHARES: Mapping[str, Share] = {
    "service_points_with_video": Share("service_points", 0.32, 0.72),
    "service_points_with_poster": Share("service_points", 0.70, 0.97),
    "service_points_with_guiding_staff": Share("service_points", 0.66, 0.95),
    "service_points_guiding": Share("service_points", 0.60, 0.97),
    "service_points_fully_equipped": Share("service_points", 0.35, 0.71),
    "officials_trained_on_portal": Share("officials", 0.55, 0.96),
    "officials_trained_and_active": Share("officials", 0.50, 0.86),
    "dossiers_online_by_vneid": Share("dossiers_received[online]", 0.41, 0.88),
    "dossiers_digitised": Share("dossiers_received", 0.52, 0.84),
    "dossiers_with_lookup": Share("dossiers_received", 0.35, 0.76),
    "dossiers_settled": Share("dossiers_received", 0.93, 0.95, 0.02),
    "results_issued": Share("dossiers_received", 0.91, 0.93, 0.02),
    "residents_with_chip_card": Share("residents_of_age", 0.945, 0.988, 0.02),
    "residents_with_activated_account": Share("residents_of_age", 0.55, 0.79, 0.14),
    "residents_with_issued_account": Share("residents_of_age", 0.72, 0.87, 0.06),
    "residents_with_signature": Share("residents_with_issued_account", 0.03, 0.14, 0.30),
    "residents_signing": Share("residents_with_signature", 0.55, 0.72),
    "residents_with_signature_and_signing": Share("residents_with_signature", 0.50, 0.68),
    "resident_records_passing": Share("resident_records", 0.88, 0.965, 0.03),
    "schools_with_shock_team": Share("schools", 0.58, 0.94),
    "workforce_with_account": Share("workforce_members", 0.86, 1.0, 0.04),
    "workforce_with_card_and_vneid": Share("workforce_members", 0.83, 0.995, 0.04),
    "workforce_filers": Share("workforce_members", 0.18, 0.22, 0.20),
    "workforce_filers_portal_only": Share("workforce_filers", 0.52, 0.81, 0.12),
    "workforce_families_taking_part": Share("workforce_families", 0.31, 0.61, 0.15),
    "budget_spent": Share("budget_allocated", 0.30, 0.86),
    "fee_procedures_payable_on_portal": Share("fee_procedures", 0.42, 0.71, 0.15),
    "fee_procedures_with_dossiers": Share("fee_procedures", 0.40, 0.55, 0.15),
    "fee_procedures_paid_on_portal": Share("fee_procedures_with_dossiers", 0.35, 0.64, 0.15),
    "procedures_with_video": Share("procedures", 0.12, 0.44, 0.20),
    "volunteers_trained": Share("volunteers_registered", 0.50, 0.91),
    "beneficiaries_with_account": Share("beneficiaries", 0.58, 0.91, 0.08),
    "beneficiaries_passing": Share("beneficiaries", 0.80, 0.95, 0.05),
    "health_facilities_receiving_by_id": Share("health_facilities_here", 0.80, 0.99, 0.05),
    "patients_with_insurance_returned": Share("patients_received[chip_card]", 0.58, 0.82, 0.08),
    "businesses_verifying": Share("businesses_here", 0.16, 0.62),
    "officials_trained_online": Share("officials_of_the_province", 0.09, 0.47, 0.0),
    "units_with_own_course": Share("units_of_the_plan", 0.06, 0.48, 0.0),
    "dossiers_online_filed_at_points": Share("dossiers_online_of_commune", 0.42, 0.27, 0.10),
}

SPLITS: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "dossiers_received": {"channel=online": (0.55, 0.79), "channel=direct": (0.42, 0.19), "channel=postal": (0.03, 0.02)},
    "dossiers_settled": {"timeliness=on_time": (0.42, 0.40), "timeliness=early": (0.53, 0.58), "timeliness=late": (0.05, 0.02)},
    "results_issued": {"form=electronic": (0.46, 0.81), "form=paper_only": (0.54, 0.19)},
    "residents_with_activated_account": {"level=2": (0.88, 0.94), "level=1": (0.12, 0.06)},
    "security_findings_due": {"outcome=closed_in_time": (0.60, 0.84), "outcome=closed_late": (0.25, 0.11), "outcome=open": (0.15, 0.05)},
    "crime_reports": {"channel=vneid": (0.05, 0.22), "channel=other": (0.95, 0.78)},
    "benefit_list_entries": {
        "payment=account": (0.46, 0.80), "payment=mobile_money": (0.05, 0.06), "payment=other_cashless": (0.01, 0.01),
        "payment=cash": (0.45, 0.11), "payment=returned": (0.02, 0.01), "payment=unpaid": (0.01, 0.01),
    },
    "heritage_sites": {
        "equipment_step=confirmed": (0.12, 0.58), "equipment_step=installed": (0.10, 0.14), "equipment_step=bought": (0.13, 0.12),
        "equipment_step=needed": (0.25, 0.10), "equipment_step=surveyed": (0.25, 0.06), "equipment_step=none": (0.15, 0.0),
    },
    "site_entries": {"counted_by=scan": (0.14, 0.57), "counted_by=hand": (0.86, 0.43)},
    "health_facilities": {"reader=standard": (0.72, 0.96), "reader=other": (0.14, 0.03), "reader=none": (0.14, 0.01)},
    "businesses": {"equipment=confirmed": (0.28, 0.83), "equipment=none": (0.72, 0.17)},
    "identity_verifications": {
        "method=chip": (0.22, 0.48), "method=register": (0.12, 0.16), "method=qr": (0.40, 0.25),
        "method=mrz": (0.06, 0.05), "method=visual": (0.20, 0.06),
    },
    "inspections_due": {"outcome=closed": (0.60, 0.82), "outcome=open": (0.40, 0.18)},
    "obstacles_due": {"outcome=in_time": (0.62, 0.86), "outcome=late": (0.24, 0.10), "outcome=unanswered": (0.14, 0.04)},
    "publicity_activities": {"tag=benefits": (0.55, 0.60), "tag=results": (0.45, 0.40)},
    "patients_received": {
        "identified_by=chip_card": (0.66, 0.86), "identified_by=vneid": (0.06, 0.10),
        "identified_by=child_without_card": (0.09, 0.08), "identified_by=other": (0.22, 0.06),
    },
    "volunteers_registered": {"group=pupil": (0.78, 0.75), "group=student": (0.22, 0.25)},
    "officials": {"post=one_stop": (0.09, 0.09), "post=other": (0.91, 0.91)},
}  # fmt: skip
_PAYMENT_PURPOSES = {"public_service": 0.62, "tuition": 0.20, "admission": 0.05, "other_revenue": 0.13}
_PAYMENT_CHANNELS = {
    "national_portal": (0.16, 0.40), "vietqr": (0.17, 0.22), "card": (0.04, 0.03),
    "wallet": (0.05, 0.05), "other_online": (0.04, 0.04), "offline": (0.54, 0.26),
}  # fmt: skip
_UNITS_OF_THE_PLAN = 31
_MANY = 40
_OFFICIALS_OF_THE_PROVINCE = 7_400


class Province:
    """The made-up province of one seed."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._people_of: dict[str, int] = {}

    def value(self, cell: Cell, *, month: int, tree: AreaTree, level: str) -> int:
        """Return the number of a cell in month 0 to 11 of the demo. `level` is that of the unit."""
        dimensions = parsed(cell.dimensions)
        whole = self._amount(cell.measure, cell, dimensions, month=month, tree=tree, level=level)
        if cell.measure == "payments":
            first, last = _PAYMENT_CHANNELS[dimensions["channel"]]
            return round(whole * _PAYMENT_PURPOSES[dimensions["purpose"]] * _rise(first, last, month))
        split = SPLITS.get(cell.measure)
        if split and cell.dimensions in split:
            return self._split(whole, split, cell.dimensions, month, f"{cell.measure}/{cell.area}/{cell.unit}")
        return whole

    def _amount(
        self, measure: str, cell: Cell, dimensions: Mapping[str, str], *, month: int, tree: AreaTree, level: str
    ) -> int:
        """Return a whole, or a share of one, before it is shared out over dimension values."""
        share = SHARES.get(measure)
        if share:
            of = self._base(share.of, cell, dimensions, month=month, tree=tree, level=level)
            rate = _rise(share.first, share.last, month) + share.spread * (
                self._luck(measure, cell.area, cell.unit) - 0.5
            )
            return min(of, max(0, int(of * min(rate, 1.0) + self._luck(measure, cell.area, cell.unit, "round"))))
        return self._whole(measure, cell, dimensions, month=month, tree=tree, level=level)

    def _base(
        self, name: str, cell: Cell, dimensions: Mapping[str, str], *, month: int, tree: AreaTree, level: str
    ) -> int:
        """Return the whole that a share is taken of."""
        if name == "officials_of_the_province":
            return _OFFICIALS_OF_THE_PROVINCE
        if name == "units_of_the_plan":
            return _UNITS_OF_THE_PLAN
        if name in ("health_facilities_here", "businesses_here"):
            measure = name.removesuffix("_here")
            here = [node.code for node in tree.descendants(cell.area) if node.level == "commune"]
            return sum(self._facilities(measure, code) for code in here)
        if name == "dossiers_online_of_commune":
            return round(self._people(cell.area, tree) * 0.009) if level == "district" else 900
        measure, _, value = name.rstrip("]").partition("[")
        amount = self._amount(measure, cell, dimensions, month=month, tree=tree, level=level)
        split = SPLITS.get(measure)
        text = next((text for text in split or {} if text.endswith(f"={value}")), "") if value else cell.dimensions
        seed = f"{measure}/{cell.area}/{cell.unit}"
        return self._split(amount, split, text, month, seed) if split and text in split else amount

    def _whole(  # noqa: C901, PLR0911, PLR0912  a table of sizes, one line each
        self, measure: str, cell: Cell, dimensions: Mapping[str, str], *, month: int, tree: AreaTree, level: str
    ) -> int:
        people = self._people(cell.area, tree)
        luck = self._luck(measure, cell.area, cell.unit)
        swing = 0.92 + 0.16 * self._luck(measure, cell.area, cell.unit, str(month))
        match measure:
            case "service_points":
                return self._points(dimensions["point_kind"], cell.area, tree)
            case "officials":
                return {"district": 190 + int(240 * luck), "province": 70 + int(150 * luck)}[level]
            case "dossiers_received":
                return int((5200 + 5600 * luck if level == "district" else 300 + 3600 * luck) * swing)
            case "residents_of_age":
                return round(people * 0.765)
            case "resident_records":
                return people
            case "people_helped":
                return int((8 + people * 0.006 * luck) * swing)
            case "schools":
                return 2 + int(3 * luck)
            case "workforce_members":
                return 900 + int(1500 * luck) if level == "district" else 80 + int(320 * luck)
            case "workforce_families":
                return int((80 + 320 * self._luck("workforce_members", cell.area, cell.unit)) * 0.86)
            case "security_findings_due":
                return 8 + int(14 * self._luck(measure, str(month)))
            case "budget_allocated":
                return 4_650_000_000 if month < 6 else 6_200_000_000
            case "payments":
                return int((1400 + 4200 * luck) * swing)
            case "fee_procedures":
                return 24 + int(60 * luck)
            case "procedures":
                return 40 + int(90 * luck)
            case "volunteers_registered":
                return 12 + int(30 * luck)
            case "crime_reports":
                return int(9 * luck * swing)
            case "benefit_list_entries" | "beneficiaries":
                return round(people * (0.017 + 0.008 * self._luck("beneficiaries", cell.area)))
            case "heritage_sites":
                return int(2.2 * luck)
            case "site_entries":
                festival = 3.4 if month in (7, 8) else 1.0  # the spring festivals of February and March
                return int(2.2 * self._luck("heritage_sites", cell.area, cell.unit)) * int(
                    420 * luck * swing * festival
                )
            case "health_facilities" | "businesses":
                return self._facilities(measure, cell.area)
            case "patients_received":
                inside = sum(
                    self._people(node.code, tree) for node in tree.descendants(cell.area) if node.level == "commune"
                )
                return int(inside * (0.048 if tree.get(cell.area).level == "district" else 0.0465) * swing)
            case "identity_verifications":
                return int(self._facilities("businesses", cell.area) * 31 * swing)
            case "inspections_due":
                return 3 + int(4 * self._luck(measure, str(month)))
            case "obstacles_due":
                return 6 + int(9 * self._luck(measure, str(month)))
            case "publicity_activities":
                return int((40 if level == "district" else 14) * (0.6 + luck) * swing)
        return int(20 + 40 * luck)

    def _points(self, kind: str, area: str, tree: AreaTree) -> int:
        node = tree.get(area)
        if kind == "one_stop_shop":
            seat = node.level == "commune" and tree.children(node.parent)[0].code == area
            return 2 if seat else 1  # the district's own shop stands in its first commune
        if kind in ("commune_police", "post"):
            return 1
        return int(2.4 * self._luck(kind, area)) if kind == "guidance_place" else int(1.5 * self._luck(kind, area))

    def _facilities(self, measure: str, area: str) -> int:
        return (
            1 + int(2 * self._luck(measure, area))
            if measure == "health_facilities"
            else 2 + int(7 * self._luck(measure, area))
        )

    def _people(self, area: str, tree: AreaTree) -> int:
        """Return made-up people of a commune: its district's share, uneven."""
        if area not in self._people_of:
            node = tree.get(area)
            if node.level != "commune":
                self._people_of[area] = sum(PEOPLE.values()) if node.level == "province" else PEOPLE[area]
            else:
                siblings = tree.children(node.parent)
                weights = {sibling.code: 0.6 + 0.8 * self._luck("people", sibling.code) for sibling in siblings}
                self._people_of[area] = round(PEOPLE[node.parent] * weights[area] / sum(weights.values()))
        return self._people_of[area]

    def _split(self, whole: int, split: Mapping[str, tuple[float, float]], text: str, month: int, seed: str) -> int:
        """
        Share a whole out, so that the parts add up to it: of a large one the first value takes what rounding leaves, of a
        small one each thing has its own luck, which stays the same from month to month.
        """
        shares = {name: _rise(first, last, month) for name, (first, last) in split.items()}
        if whole > _MANY:
            leading = next(iter(split))
            tilt = 0.72 + 0.56 * self._luck("tilt", seed)  # places differ in what is left to the others
            parts = {name: int(whole * share * (1 if name == leading else tilt)) for name, share in shares.items()}
            return max(0, whole - sum(parts.values()) + parts[leading]) if text == leading else parts[text]
        found = 0
        for thing in range(whole):
            luck = self._luck(seed, str(thing)) * sum(shares.values())
            found += text == _drawn(shares, luck)
        return found

    def _luck(self, *of: str) -> float:
        """Return a number from 0 to 1 that is always the same for the same words and seed."""
        digest = hashlib.blake2b("/".join((str(self._seed), *of)).encode(), digest_size=6).digest()
        return int.from_bytes(digest, "big") / 2**48


def _drawn(shares: Mapping[str, float], luck: float) -> str:
    """Return the name on whose share `luck` falls."""
    for name, share in shares.items():
        luck -= share
        if luck < 0:
            return name
    return list(shares)[-1]


def _rise(first: float, last: float, month: int) -> float:
    """Return where a share stands in a month: it moves fast at first, then slowly."""
    return first + (last - first) * (1 - exp(-month / 4.5)) / (1 - exp(-11 / 4.5))
