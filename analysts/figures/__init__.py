"""Figures that several pages show."""

from analysts.figures.portal_hours import reports_of_30_days

__all__ = ["reports_of_30_days"]
