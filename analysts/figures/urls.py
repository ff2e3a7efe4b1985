"""Routes of the figures pages."""

from analysts.accounts.access import BOTH, READ, SEND, StaffRoute
from analysts.figures import period_views, views
from analysts.figures.permissions import FIGURE_READERS, TARGET_SETTERS

ROUTES = (
    StaffRoute("figures/", views.figures_page, "figures", FIGURE_READERS, READ),
    StaffRoute("figures/periods/", period_views.periods_page, "figure_periods", FIGURE_READERS, READ),
    StaffRoute("figures/periods/return.csv", period_views.return_file, "figure_return", FIGURE_READERS, READ),
    StaffRoute("figures/periods/close/", period_views.close_view, "close_period", FIGURE_READERS, SEND),
    StaffRoute("figures/periods/confirm/", period_views.confirm_view, "confirm_period", FIGURE_READERS, SEND),
    StaffRoute("figures/periods/withdraw/", period_views.withdraw_view, "withdraw_period", FIGURE_READERS, SEND),
    StaffRoute("figures/targets/", views.targets_page, "figure_targets", TARGET_SETTERS, BOTH),
)
