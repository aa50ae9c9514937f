from django.apps import AppConfig


class ResidentsConfig(AppConfig):
    name = "diem06.core.residents"
    label = "residents"
