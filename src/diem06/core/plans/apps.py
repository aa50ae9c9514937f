from django.apps import AppConfig


class PlansConfig(AppConfig):
    name = "diem06.core.plans"
    label = "plans"
