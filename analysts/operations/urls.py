"""Routes of the operations room."""

from analysts.accounts.access import BOTH, READ, SEND, StaffRoute
from analysts.operations import setting_views, views
from analysts.operations.permissions import SERVER_OPERATORS

ROUTES = (
    StaffRoute("operations/", views.operations_page, "operations", SERVER_OPERATORS, READ),
    StaffRoute("operations/checks/", views.deployment_checks, "deployment_checks", SERVER_OPERATORS, READ),
    StaffRoute("operations/settings/", setting_views.settings_page, "settings_in_force", SERVER_OPERATORS, READ),
    StaffRoute(
        "operations/settings/<str:setting_name>/", setting_views.setting_page, "setting", SERVER_OPERATORS, BOTH
    ),
    StaffRoute("operations/setup/", views.setup_page, "setup", SERVER_OPERATORS, READ),
    StaffRoute("operations/jobs/<int:job_id>/retry/", views.retry_job, "retry_job", SERVER_OPERATORS, SEND),
    StaffRoute("operations/test-message/", views.send_test_message, "test_message", SERVER_OPERATORS, SEND),
)
