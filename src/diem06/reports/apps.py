from diem06.core import roster


class ReportsConfig(roster.SourcesConfig):
    name = "diem06.reports"
    label = "reports"
