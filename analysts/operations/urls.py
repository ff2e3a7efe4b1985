"""Routes of the operations room."""

from analysts.accounts.access import READ, SEND, StaffRoute
from analysts.operations import views
from analysts.operations.permissions import SERVER_OPERATORS

ROUTES = (
    StaffRoute("operations/", views.operations_page, "operations", SERVER_OPERATORS, READ),
    StaffRoute("operations/checks/", views.deployment_checks, "deployment_checks", SERVER_OPERATORS, READ),
    StaffRoute("operations/settings/", views.settings_page, "settings_in_force", SERVER_OPERATORS, READ),
    StaffRoute("operations/setup/", views.setup_page, "setup", SERVER_OPERATORS, READ),
    StaffRoute("operations/jobs/<int:job_id>/retry/", views.retry_job, "retry_job", SERVER_OPERATORS, SEND),
    StaffRoute("operations/test-message/", views.send_test_message, "test_message", SERVER_OPERATORS, SEND),
)
