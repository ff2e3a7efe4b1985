"""Routes of the welfare pages and actions on an incident."""

from django.utils.translation import gettext_lazy as _

from analysts.accounts.access import BOTH, READ, SEND, STAFF, Scope, StaffRoute
from analysts.incidents.page_kit import IncidentAction
from analysts.incidents.permissions import ANALYSTS
from analysts.welfare import break_views, reveal_views, support, views
from analysts.welfare.permissions import WELFARE_LEADS

ROUTES = (
    StaffRoute("my-settings/", views.my_settings, "my_settings", STAFF, BOTH, Scope.SELF),
    StaffRoute("my-cases/", views.my_cases, "my_cases", ANALYSTS, READ, Scope.SELF),
    StaffRoute("welfare/", views.welfare_page, "welfare", WELFARE_LEADS, READ),
    StaffRoute("welfare/contacts/", support.contacts_page, "support_contacts", WELFARE_LEADS, BOTH),
    StaffRoute("pause/", break_views.pause_page, "pause", ANALYSTS, READ, Scope.SELF),
    StaffRoute("pause/break/", break_views.take_break, "take_break", ANALYSTS, SEND),
    StaffRoute("pause/avoid/", break_views.avoid_warnings_view, "avoid", ANALYSTS, SEND),
    StaffRoute("pause/go-on/", break_views.go_on, "go_on", ANALYSTS, SEND),
)

ACTIONS = (
    IncidentAction("reveal", "reveal/", reveal_views.reveal_view, recorded_as=_("Incident revealed")),
    IncidentAction("show_words", "show-words/", reveal_views.words_view),
    IncidentAction("show_related", "show-related/", reveal_views.related_view),
    IncidentAction("show_masked_words", "show-masked-words/", reveal_views.masked_words_view),
    IncidentAction("copy", "copy/", reveal_views.copy_view, recorded_as=_("Address copied")),
    IncidentAction("hide", "hide/", reveal_views.hide_view),
)
