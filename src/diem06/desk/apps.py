from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "diem06.desk"
    label = "desk"
