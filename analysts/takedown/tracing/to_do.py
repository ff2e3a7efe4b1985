"""What waits for people in this room."""

from django.utils.translation import gettext_lazy as _

from analysts.takedown.to_do_kinds import chase_to_do

TRACE = chase_to_do(
    name="trace",
    label=_("Find out where it is hosted"),
    why=_("It was found illegal. Three methods have to agree where it is hosted."),
    section="hosting",
    due=lambda chases, now: chases.untraced(),
    since=lambda chase: chase.since if chase.trace == 0 else None,
)
