"""The plan of a province as typed, frozen data. Knows no Django and no database."""
