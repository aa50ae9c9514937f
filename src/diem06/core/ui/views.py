"""The gallery of components. The root URLs mount it under DEBUG only and state its rule."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from diem06.core.ui import samples


def gallery(request: HttpRequest) -> HttpResponse:
    """Show each component in each state; the form stands there as after a wrong entry."""
    form = samples.EntryForm(samples.WRONG_ENTRY)
    return render(request, "ui/gallery.html", samples.context(form, request.GET))
