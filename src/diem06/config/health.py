"""An empty page: for a proxy that asks whether the server lives, and as the measure of other pages in bench/."""

from django.http import HttpRequest, HttpResponse

from diem06.core import access


@access.rule(access.anyone)
def health(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  a view
    """Answer «ok» without a look at the database."""
    return HttpResponse("ok", content_type="text/plain")
