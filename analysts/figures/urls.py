"""Routes of the figures pages."""

from analysts.accounts.access import BOTH, READ, SEND, Scope, StaffRoute
from analysts.figures import period_views, portal_views, views
from analysts.figures.permissions import FIGURE_READERS, PORTAL_FIGURE_READERS, TARGET_SETTERS

ROUTES = (
    StaffRoute("figures/", views.figures_page, "figures", FIGURE_READERS, READ),
    StaffRoute("figures/periods/", period_views.periods_page, "figure_periods", FIGURE_READERS, READ),
    StaffRoute("figures/periods/return.csv", period_views.return_file, "figure_return", FIGURE_READERS, READ),
    StaffRoute("figures/periods/close/", period_views.close_view, "close_period", FIGURE_READERS, SEND),
    StaffRoute("figures/periods/confirm/", period_views.confirm_view, "confirm_period", FIGURE_READERS, SEND),
    StaffRoute("figures/periods/withdraw/", period_views.withdraw_view, "withdraw_period", FIGURE_READERS, SEND),
    StaffRoute("figures/portals/", portal_views.own_portals, "own_portal_figures", PORTAL_FIGURE_READERS, READ),
    StaffRoute(
        "figures/portals/<int:portal_id>/",
        portal_views.portal_figures,
        "portal_figures",
        PORTAL_FIGURE_READERS,
        READ,
        Scope.PORTAL,
    ),
    StaffRoute(
        "figures/portals/<int:portal_id>/sheet/",
        portal_views.portal_sheet,
        "portal_figure_sheet",
        PORTAL_FIGURE_READERS,
        READ,
        Scope.PORTAL,
    ),
    StaffRoute(
        "figures/portals/<int:portal_id>/band.svg",
        portal_views.portal_sheet_band,
        "portal_figure_band",
        PORTAL_FIGURE_READERS,
        READ,
        Scope.PORTAL,
    ),
    StaffRoute("figures/targets/", views.targets_page, "figure_targets", TARGET_SETTERS, BOTH),
)
