from django.apps import AppConfig


class CubeConfig(AppConfig):
    name = "diem06.cube"
    label = "cube"
