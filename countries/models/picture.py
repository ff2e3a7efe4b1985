"""Logos and crests: the only pictures in the database."""

import hashlib

from django.db import models
from django.utils.translation import gettext_lazy as _


class MediaType(models.TextChoices):
    PNG = "image/png", "PNG"
    WEBP = "image/webp", "WebP"
    # Not accepted as an upload: from earlier releases, which rewrote the file, or from a demonstration.
    SVG = "image/svg+xml", "SVG"


class Picture(models.Model):
    """A logo or crest under the digest of its bytes: replaced, never changed.

    An upload is stored as `pictures.clean_picture` encoded it.
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


def build_picture(content: bytes, media_type: MediaType, width: int, height: int) -> Picture:
    """Return the unsaved picture of trusted content. Width and height are in CSS pixels."""
    return Picture(
        digest=hashlib.sha256(content).hexdigest(),
        content=content,
        media_type=media_type,
        width=width,
        height=height,
    )


def save_picture(picture: object) -> Picture | None:
    """Save the picture, or return the stored one with the same bytes. None if there is no picture."""
    if not isinstance(picture, Picture):
        return None
    rest = {name: getattr(picture, name) for name in ("content", "media_type", "width", "height")}
    return Picture.objects.get_or_create(digest=picture.digest, defaults=rest)[0]
