"""One table, which stores the text as it was typed."""

from django.db import models


class BareReport(models.Model):
    addresses = models.TextField()
    received = models.DateTimeField(auto_now_add=True)

    objects: models.Manager["BareReport"] = models.Manager()

    class Meta:
        app_label = "bare"

    def __str__(self) -> str:
        return str(self.pk)
