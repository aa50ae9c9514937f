from django.apps import AppConfig


class PlacesConfig(AppConfig):
    name = "diem06.core.places"
    label = "places"
