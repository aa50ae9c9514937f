"""How many people a place holds: a plain rule, with its arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

SINGLE_EXIT_LIMIT: Final = 60
"""
An assumption, and said as one on the screen. British fire practice lets a room with one way out hold 60 people at most (assessors of
the Fire Net forum call it «the 60 max rule»; Approved Document B, table 2.1, is quoted from memory). That is a rule of buildings: no
source was found for a place outdoors. A capacity that is declared by a document goes before it.
"""


@dataclass(frozen=True, kw_only=True)
class Computed:
    """
    A capacity and what it is made of. `by_exits` None: no exit is recorded, space alone decides.

    `counted_width_m`: of the exits that count; `left_out_m`: the largest one, None where a single exit is all there is.
    """

    people: int
    by_space: int
    by_exits: int | None
    counted_width_m: Decimal
    left_out_m: Decimal | None


def computed(
    *,
    usable_area_m2: int,
    persons_per_m2: Decimal,
    exit_widths_m: Sequence[Decimal],
    flow_per_metre_minute: int,
    escape_minutes: Decimal,
) -> Computed:
    """
    Return the capacity of a place outdoors: the lower of what its space and what its exits allow.

    - Space: usable area times people per square metre; 2 is the usual limit of an outdoor standing crowd, above 4 it becomes
      unstable (HSE).
    - Exits: width times flow times escape time, the largest exit left out, as if it were blocked (Buckinghamshire's event
      guide). The flow is 82 people per metre and minute on level ground, 66 on steps (Guide to Safety at Sports Grounds), or 109
      (fire risk guide for open-air events); escape takes 5 to 10 minutes by risk.
    - One exit alone: SINGLE_EXIT_LIMIT people at most, which is an assumption.

    Areas in square metres, widths in metres; people are rounded down.
    """
    by_space = int(usable_area_m2 * persons_per_m2)
    widths = sorted(exit_widths_m)
    if not widths:
        return Computed(people=by_space, by_space=by_space, by_exits=None, counted_width_m=Decimal(0), left_out_m=None)
    if len(widths) == 1:
        alone = min(SINGLE_EXIT_LIMIT, int(widths[0] * flow_per_metre_minute * escape_minutes))
        return Computed(
            people=min(by_space, alone), by_space=by_space, by_exits=alone, counted_width_m=widths[0], left_out_m=None
        )
    counted = sum(widths[:-1], Decimal(0))
    by_exits = int(counted * flow_per_metre_minute * escape_minutes)
    return Computed(
        people=min(by_space, by_exits),
        by_space=by_space,
        by_exits=by_exits,
        counted_width_m=counted,
        left_out_m=widths[-1],
    )
