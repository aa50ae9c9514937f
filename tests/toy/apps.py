from diem06.core import roster


class ToyConfig(roster.SourcesConfig):
    name = "tests.toy"
    label = "toy"
