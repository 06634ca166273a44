"""The report: a finished study as one HTML page for people who have never heard of us; read `page` first."""

from search.report.page import report_page
from search.report.record import Record

__all__ = ["Record", "report_page"]
