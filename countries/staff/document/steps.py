"""The steps of a portal's workspace, which a field of its document and an event of its history belong to."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PortalStep(models.TextChoices):
    """In the order of the workspace; the value is part of the step's address."""

    COUNTRY = "country", _("Country and languages")
    WORDS = "words", _("Words")
    HELP = "help", _("Help and contacts")
    PARTNERS = "partners", _("Partners")
    LOOK = "look", _("Appearance")
    COVERAGE = "coverage", _("Coverage")
    TEST = "test", _("Test report")
    LAUNCH = "launch", _("Launch")

    @property
    def url_name(self) -> str:
        return f"portal_step_{self.value}"


# The steps with a form; the other one shows what administrators decide.
FORM_STEPS = tuple(step for step in PortalStep if step is not PortalStep.COVERAGE)
