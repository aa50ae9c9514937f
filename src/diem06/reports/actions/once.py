"""A request that a client repeats changes nothing."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from django.db import transaction

from diem06.reports.actions.errors import RepeatedRequestError
from diem06.reports.models import SavedRequest


@transaction.atomic
def answer_once(*, key: str, user: int, request: bytes, at: datetime, answer: Any) -> Any:
    """
    Run `answer()` once for an idempotency key, in this transaction; a repeated request gets the stored answer.

    Raises RepeatedRequestError where the key came with another request, or from another person.
    """
    digest = hashlib.sha256(request).hexdigest()
    known = SavedRequest.objects.filter(key=key).first()
    if known:
        if known.request_hash != digest or known.user_id != user:
            raise RepeatedRequestError(key)
        return known.answer
    result = answer()
    SavedRequest.objects.create(key=key, user_id=user, request_hash=digest, answer=result, saved_at=at)
    return result
