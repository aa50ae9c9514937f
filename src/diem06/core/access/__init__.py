"""
The one rule layer: who may see and do what. Deny by default.

Every view states a rule (`@access.rule(...)`, or `access.ruled(...)` for views of other packages); a view without one
fails system check access.E001. Rules look only at the `Subject` and the arguments of the URL. What depends on the
record itself is a call of `check(condition, reason)` in the action. The subject is handed in by the middleware of
`organisation`; this room knows no database.
"""

from diem06.core.access.rules import (
    AccessRequest,
    Predicate,
    anyone,
    check,
    name_of,
    of_unit,
    only,
    operator,
    own_unit,
    province_wide,
    rule,
    signed_in,
    with_role,
)
from diem06.core.access.subject import ANONYMOUS, PROVINCE_WIDE, Grant, Role, Scope, Subject
from diem06.core.access.urls import RuledUrl, ruled, urls_with_rules

__all__ = [
    "ANONYMOUS",
    "PROVINCE_WIDE",
    "AccessRequest",
    "Grant",
    "Predicate",
    "Role",
    "RuledUrl",
    "Scope",
    "Subject",
    "anyone",
    "check",
    "name_of",
    "of_unit",
    "only",
    "operator",
    "own_unit",
    "province_wide",
    "rule",
    "ruled",
    "signed_in",
    "urls_with_rules",
    "with_role",
]
