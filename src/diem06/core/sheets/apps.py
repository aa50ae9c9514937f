from django.apps import AppConfig


class SheetsConfig(AppConfig):
    name = "diem06.core.sheets"
    label = "sheets"
