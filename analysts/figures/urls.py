"""Routes of the figures pages."""

from analysts.accounts.access import BOTH, READ, SEND, Scope, StaffRoute
from analysts.figures import period_views, portal_views, report_views, views
from analysts.figures.permissions import (
    FIGURE_READERS,
    INDEPENDENCE_WRITERS,
    PORTAL_FIGURE_READERS,
    SHEET_READERS,
    TARGET_SETTERS,
)
from analysts.figures.providers import views as sheet_views

ONE = "figures/providers/<uuid:provider_id>/"

ROUTES = (
    StaffRoute("figures/", views.figures_page, "figures", FIGURE_READERS, READ),
    StaffRoute("figures/periods/", period_views.periods_page, "figure_periods", FIGURE_READERS, READ),
    StaffRoute("figures/periods/return.csv", period_views.return_file, "figure_return", FIGURE_READERS, READ),
    StaffRoute("figures/periods/close/", period_views.close_view, "close_period", FIGURE_READERS, SEND),
    StaffRoute("figures/periods/confirm/", period_views.confirm_view, "confirm_period", FIGURE_READERS, SEND),
    StaffRoute("figures/periods/withdraw/", period_views.withdraw_view, "withdraw_period", FIGURE_READERS, SEND),
    StaffRoute("figures/portals/", portal_views.own_portals, "own_portal_figures", PORTAL_FIGURE_READERS, READ),
    *(
        StaffRoute(f"figures/portals/<int:portal_id>/{path}", view, name, PORTAL_FIGURE_READERS, READ, Scope.PORTAL)
        for path, view, name in (
            ("", portal_views.portal_figures, "portal_figures"),
            ("sheet/", portal_views.portal_sheet, "portal_figure_sheet"),
            ("band.svg", portal_views.portal_sheet_band, "portal_figure_band"),
        )
    ),
    StaffRoute("figures/periods/dsa/", report_views.report_page, "dsa_report", FIGURE_READERS, READ),
    StaffRoute("figures/periods/dsa.csv", report_views.report_file, "dsa_report_file", FIGURE_READERS, READ),
    StaffRoute("figures/providers/", sheet_views.sheets_page, "provider_sheets", SHEET_READERS, READ),
    StaffRoute(ONE, sheet_views.sheet_page, "provider_sheet", SHEET_READERS, READ),
    StaffRoute(f"{ONE}sheet.csv", sheet_views.sheet_file, "provider_sheet_file", SHEET_READERS, READ),
    StaffRoute(f"{ONE}release/", sheet_views.release_view, "release_sheet", FIGURE_READERS, SEND),
    StaffRoute(f"{ONE}withdraw/", sheet_views.withdraw_view, "withdraw_sheet", FIGURE_READERS, SEND),
    StaffRoute(f"{ONE}statement/", sheet_views.statement_view, "sheet_statement", FIGURE_READERS, SEND),
    StaffRoute(
        "figures/independence/", report_views.independence_page, "figure_independence", INDEPENDENCE_WRITERS, BOTH
    ),
    StaffRoute("figures/targets/", views.targets_page, "figure_targets", TARGET_SETTERS, BOTH),
)
