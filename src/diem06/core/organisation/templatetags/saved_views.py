"""The saved views of a list page: `{% load saved_views %}{% saved_views "indicators" %}` beside its filter."""

from typing import Any

from django import template
from django.template.context import Context
from django.urls import reverse

from diem06.core.organisation.actions import handed_on
from diem06.core.organisation.models import SavedView

register = template.Library()


@register.inclusion_tag("organisation/saved_views.html", takes_context=True)
def saved_views(context: Context, page: str) -> dict[str, Any]:
    """The person's saved filters of the page (its URL name), a form that saves the present one, and what deletes one."""
    request = context["request"]
    query = handed_on(request.GET.urlencode())
    mine = SavedView.objects.filter(person_id=request.user.pk, page=page) if request.user.is_authenticated else ()
    return {
        "request": request,
        "csrf_token": context.get("csrf_token"),
        "page": page,
        "query": query,
        "here": request.get_full_path(),
        "views": [(view, f"{reverse(page)}?{view.query}", view.query == query) for view in mine],
    }
