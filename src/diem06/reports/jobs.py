"""The long work of the monthly cycle."""

from diem06.reports import closing
from diem06.reports.compiling import jobs as compiling

HANDLERS = (*compiling.HANDLERS, *closing.HANDLERS)
