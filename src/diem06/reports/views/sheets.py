"""(being written)"""
from django.http import HttpResponse
from diem06.core import access

@access.rule(access.own_unit("unit"))
def template(request, period, unit):
    return HttpResponse("")

@access.rule(access.of_unit("unit"))
def upload(request, period, unit):
    return HttpResponse("")
