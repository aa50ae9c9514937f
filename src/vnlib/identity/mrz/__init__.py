"""
Machine-readable zones: TD1 (identity cards, with the citizen number of Vietnamese ones), TD2 and TD3 (passports), by ICAO Doc 9303.

`read_mrz` answers with a `Reading` for whatever was scanned; `parse` reads the zone of a chip's DG1 as it stands.
"""

from vnlib.identity.mrz.document import Mrz, MrzError
from vnlib.identity.mrz.layout import Format, check_digit
from vnlib.identity.mrz.reader import parse, read_mrz

__all__ = ["Format", "Mrz", "MrzError", "check_digit", "parse", "read_mrz"]
