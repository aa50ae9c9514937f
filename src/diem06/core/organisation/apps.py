from django.apps import AppConfig


class OrganisationConfig(AppConfig):
    name = "diem06.core.organisation"
    label = "organisation"

    def ready(self) -> None:
        from diem06.core.organisation import checks  # noqa: F401  (registers by import)
