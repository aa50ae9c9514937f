from django.apps import AppConfig


class OrganisationConfig(AppConfig):
    name = "diem06.core.organisation"
    label = "organisation"
