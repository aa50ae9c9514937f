from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    name = "diem06.core.evidence"
    label = "evidence"
