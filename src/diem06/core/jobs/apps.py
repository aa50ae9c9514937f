from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "diem06.core.jobs"
    label = "jobs"

    def ready(self) -> None:
        from diem06.core.jobs import checks  # noqa: F401  (registers by import)
