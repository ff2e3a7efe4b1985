"""To-do kind: trace the hosting."""

from django.utils.translation import gettext_lazy as _

from analysts.takedown.to_do_kinds import chase_to_do

TRACE = chase_to_do(
    name="trace",
    label=_("Trace the hosting"),
    why=_("The verdict is illegal. Three methods must agree on the hosting."),
    section="hosting",
    due=lambda chases, now: chases.untraced(),
    since=lambda chase: chase.since if chase.trace == 0 else None,
)
