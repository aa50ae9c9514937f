from django.apps import AppConfig


class AreasConfig(AppConfig):
    name = "diem06.core.areas"
    label = "areas"
