"""Routes of the figures pages."""

from analysts.accounts.access import BOTH, READ, StaffRoute
from analysts.figures import views
from analysts.figures.permissions import FIGURE_READERS, TARGET_SETTERS

ROUTES = (
    StaffRoute("figures/", views.figures_page, "figures", FIGURE_READERS, READ),
    StaffRoute("figures/targets/", views.targets_page, "figure_targets", TARGET_SETTERS, BOTH),
)
