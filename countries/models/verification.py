"""A verification holds only for the value that was verified: its digest is stored with it and compared at each reading.

Each model says in VERIFIED which of its fields a person verifies; all other fields may change without effect on it.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import ClassVar

from django.contrib.postgres.aggregates import JSONBAgg
from django.db import models
from django.db.models import BooleanField, Case, CharField, F, Func, JSONField, OuterRef, Q, Subquery, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Collate
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

# The columns of a name or note in another language, as `LocalName` has them.
NAME_COLUMNS = ("language", "name", "note")


def digest_of_values(values: Sequence[object], names: Iterable[Sequence[str]] | None = None) -> str:
    """SHA-256 in hexadecimal of plain values in their order, and of names by language (NAME_COLUMNS) in any order."""
    rows = [] if names is None else [sorted(map(list, names))]
    return hashlib.sha256(json.dumps([*values, *rows], ensure_ascii=False).encode()).hexdigest()


class _DigestOfArrays(Func):
    """`digest_of_values` of arrays in a row, computed by the database: jsonb is written as Python writes JSON."""

    template = "encode(sha256(convert_to((%(expressions)s)::text, 'UTF8')), 'hex')"
    arg_joiner = " || "
    output_field = CharField(max_length=64)


class _JsonArray(Func):
    function = "jsonb_build_array"
    output_field = JSONField()


class VerifiedModel(models.Model):
    """Base of models whose rows a person verifies. Code that sets the mark also stores the digest: `mark_verified`."""

    # The fields that are verified; foreign keys count by their value.
    VERIFIED: ClassVar[tuple[str, ...]]
    # Fields that came later: left out while blank, so that rows verified before them holds.
    VERIFIED_IF_SET: ClassVar[tuple[str, ...]] = ()
    # The relation to the row's names by language, which are verified with it; "" without any.
    VERIFIED_NAMES: ClassVar[str] = ""
    # The field that says that the row was verified: a day, or a box.
    MARK: ClassVar[str] = "verified_on"

    verified_digest = models.CharField(
        _("verified as written"),
        max_length=64,
        blank=True,
        default="",
        # For an earlier release, which knows no such column.
        db_default="",
        editable=False,
    )

    class Meta:
        abstract = True

    def value_digest(self) -> str:
        """The digest of what would be verified now. One query where names are not prefetched."""
        fields = {name: getattr(self, self._meta.get_field(name).attname) for name in self.VERIFIED}  # type: ignore[union-attr] # no relation without a column
        values = [value for name, value in fields.items() if value or name not in self.VERIFIED_IF_SET]
        if not self.VERIFIED_NAMES:
            return digest_of_values(values)
        # A row that is not saved yet has none.
        rows = getattr(self, self.VERIFIED_NAMES).all() if self.pk else ()
        return digest_of_values(values, [[getattr(row, name) for name in NAME_COLUMNS] for row in rows])

    def mark_verified(self) -> None:
        """Set the digest of the row as it is stored or will be, with its names as they are stored."""
        if self.pk and self.VERIFIED_NAMES:
            self.refresh_from_db(fields=[self.VERIFIED_NAMES])
        self.verified_digest = self.value_digest()

    @property
    def is_verified(self) -> bool:
        """Whether the row was verified and is the same since."""
        return bool(getattr(self, self.MARK)) and self.verified_digest == self.value_digest()

    @property
    def has_changed_since_verified(self) -> bool:
        return self.verified_digest not in ("", self.value_digest())

    @classmethod
    def verified(cls, prefix: str = "") -> Q:
        """The condition of `is_verified` in a query; `prefix`: the path to the row, such as `to__`."""
        mark = {f"{prefix}{cls.MARK}": True}
        if not isinstance(cls._meta.get_field(cls.MARK), BooleanField):
            mark = {f"{prefix}{cls.MARK}__isnull": False}
        return Q(**mark, **{f"{prefix}verified_digest": cls._digest_column(prefix)})

    @classmethod
    def unverified(cls, prefix: str = "") -> Q:
        """The opposite of `verified`.

        Written as a number: the planner takes a number that equals another for rare, and a digest that differs for the
        rule, so that it would begin with every row that points to one.
        """
        return Q(Exact(Case(When(cls.verified(prefix), then=Value(0)), default=Value(1)), Value(1)))

    @classmethod
    def _digest_column(cls, prefix: str) -> Combinable:
        columns: list[Combinable] = [F(f"{prefix}{name}") for name in cls.VERIFIED if name not in cls.VERIFIED_IF_SET]
        optional = [
            Case(When(**{f"{prefix}{name}": ""}, then=Value([], JSONField())), default=_JsonArray(f"{prefix}{name}"))
            for name in cls.VERIFIED_IF_SET
        ]
        if cls.VERIFIED_NAMES:
            relation = cls._meta.get_field(cls.VERIFIED_NAMES)
            owner = relation.remote_field.name  # type: ignore[union-attr] # a reverse relation
            names = relation.related_model._default_manager.filter(**{owner: OuterRef(f"{prefix}pk")})  # type: ignore[union-attr]
            arrays = (
                names.order_by()
                .values(owner)
                .annotate(arrays=JSONBAgg(_JsonArray(*NAME_COLUMNS), order_by=Collate("language", "C")))
            )
            columns.append(Coalesce(Subquery(arrays.values("arrays")), Value([], JSONField())))
        return _DigestOfArrays(_JsonArray(*columns), *optional)
