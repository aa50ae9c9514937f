from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "diem06.core.ui"
    label = "ui"
