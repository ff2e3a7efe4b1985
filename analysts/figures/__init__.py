"""Figures: counts by day, the supervisor's page, and the counts on the operators' list of portals."""
