"""The long work of the monthly cycle."""

from diem06.reports.compiling import jobs as compiling

HANDLERS = (*compiling.HANDLERS,)
