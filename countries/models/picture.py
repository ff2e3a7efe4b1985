"""Logos and crests: the only pictures in the database, all uploaded by operators."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class MediaType(models.TextChoices):
    PNG = "image/png", "PNG"
    WEBP = "image/webp", "WebP"
    SVG = "image/svg+xml", "SVG"


class Picture(models.Model):
    """An uploaded file as `pictures.clean_picture` encoded it, under the digest of its bytes: replaced, never changed.

    In the database because the public server shares no folder with the staff's.
    """

    # SHA-256 of the content, in hexadecimal; part of its public URL.
    digest = models.CharField(_("digest"), max_length=64, primary_key=True)
    content = models.BinaryField(_("content"))
    media_type = models.CharField(_("media type"), max_length=16, choices=MediaType)
    # Display size in CSS pixels.
    width = models.PositiveSmallIntegerField(_("width"))
    height = models.PositiveSmallIntegerField(_("height"))

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=models.Q(media_type__in=MediaType.values), name="picture_type_known"),
        ]

    def __str__(self) -> str:
        return self.digest
