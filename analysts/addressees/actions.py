"""What changes addressees."""

from datetime import datetime

from django.db import IntegrityError, transaction

from analysts.models import Addressee, User
from analysts.models.addressee import AddresseeKind


def named(*, by: User, kind: AddresseeKind, name: str, country: str = "", now: datetime) -> Addressee:
    """The addressee of that kind and name, whatever its case; where there is none it is made, verified by nobody.

    For verbs that learn of one by name, in their transaction and under their permission; their own record names it.
    ValueError without a name.
    """
    name = " ".join(name.split())[: Addressee._meta.get_field("name").max_length].strip()
    if not name:
        raise ValueError("An addressee has a name.")
    known = Addressee.objects.called(kind, name).first()
    if known is not None:
        return known
    try:
        with transaction.atomic():
            return Addressee.objects.create(kind=kind, name=name, country=country)
    except IntegrityError:
        # Somebody else named it in the same moment.
        return Addressee.objects.called(kind, name).get()
