"""The closed sets of a portal's look: drawn patterns and layouts of its header. `public.theme` draws them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Pattern(models.TextChoices):
    NONE = "none", _("none")
    CHEVRONS = "chevrons", _("chevrons")
    DIAMONDS = "diamonds", _("diamonds")
    DOTS = "dots", _("dots")
    LATTICE = "lattice", _("lattice")
    SCALES = "scales", _("scales")
    STEPS = "steps", _("steps")
    STRIPES = "stripes", _("stripes")
    WAVES = "waves", _("waves")


class HeaderLayout(models.TextChoices):
    PLAIN = "plain", _("plain: one band of the brand colour")
    SPLIT = "split", _("split: the title on the page's own background, above a band")
    TALL = "tall", _("tall: a band with much of the pattern")
