from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "diem06.core.audit"
    label = "audit"
