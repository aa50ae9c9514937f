from django.apps import AppConfig


class SheetsConfig(AppConfig):
    name = "diem06.core.sheets"
    label = "sheets"

    def ready(self) -> None:
        """Register the system checks."""
        from diem06.core.sheets import checks  # noqa: F401  (registers by import)
