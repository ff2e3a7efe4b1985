"""Figures: counts by day, the supervisor's page, and what the operators' list shows of portals."""

from analysts.figures.portal_months import reports_of_month

__all__ = ["reports_of_month"]
