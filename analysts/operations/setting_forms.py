"""The form that changes a setting."""

from datetime import date, timedelta

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analysts.operations.setting_rows import EditableSetting, SettingKind, Weakens
from audit.reason_field import ReasonField
from countries.models.decided_setting import LONGEST_VALUE
from countries.reading_hours import EXAMPLE


def _describe_allowed(row: EditableSetting) -> str:
    match row.kind:
        case SettingKind.NUMBER:
            least, most = row.bounds
            return _("From %(least)d to %(most)d.") % {"least": least, "most": most}
        case SettingKind.TIME:
            return _("A time of day such as 16:00.")
        case SettingKind.ZONE:
            return _("A time zone such as Europe/London.")
        case SettingKind.HOURS:
            return _("Days (1 is Monday), hours and their time zone, such as %(example)s.") % {"example": EXAMPLE}


def _describe_second(row: EditableSetting) -> str:
    """Which changes need a second administrator."""
    if row.sane is None:
        return _("A second administrator must approve any change. It takes effect the next day (UTC).")
    (least, most), is_time = row.sane, row.kind is SettingKind.TIME
    bounds = (0, most) if is_time else row.bounds
    changes = []
    match row.weakens:
        case Weakens.MORE:
            changes.append(_("a later time") if is_time else _("a larger value"))
        case Weakens.LESS:
            changes.append(_("a smaller value"))
    if bounds[0] < least and row.weakens is not Weakens.LESS:
        changes.append(
            _("a time before %(time)s") % {"time": f"{least // 60:02}:{least % 60:02}"}
            if is_time
            else _("a value below %(least)d") % {"least": least}
        )
    if bounds[1] > most and row.weakens is not Weakens.MORE:
        changes.append(_("a value above %(most)d") % {"most": most})
    if not changes:
        return _("One administrator changes it; it takes effect at once.")
    return _("A second administrator must approve %(changes)s. It takes effect the next day (UTC).") % {
        "changes": _(" or ").join(changes)
    }


def _describe_range(row: EditableSetting) -> str:
    least, most = (_value_of_rank(row, rank) for rank in row.sane or ())
    return _(
        "For a value that tightens work beyond the range from %(least)s to %(most)s: on this day (UTC) the earlier "
        "value comes back. Empty: until administrators change it."
    ) % {"least": least, "most": most}


def _value_of_rank(row: EditableSetting, rank: int) -> str:
    """The value whose `rank_of` this is, as people read it."""
    return f"{rank // 60:02}:{rank % 60:02}" if row.kind is SettingKind.TIME else str(rank)


def _next_week() -> date:
    return timezone.now().date() + timedelta(days=7)


class SettingForm(forms.Form):
    """`value`: empty for the server's own. `until`: only where a value can be too strict."""

    use_required_attribute = False
    value = forms.CharField(required=False, max_length=LONGEST_VALUE)
    until = forms.DateField(
        label=gettext_lazy("Until"),
        required=False,
        initial=_next_week,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    reason = ReasonField(help_text=gettext_lazy("For administrators only. Kept in the setting’s history."))

    def __init__(self, row: EditableSetting, data: QueryDict | None = None) -> None:
        super().__init__(data)
        self.fields["value"].label = _("New value, in %(unit)s") % {"unit": row.unit} if row.unit else _("New value")
        leave = _("Leave it empty for the server’s own value.")
        self.fields["value"].help_text = f"{_describe_allowed(row)} {leave} {_describe_second(row)}"
        if row.can_be_too_strict:
            self.fields["until"].help_text = _describe_range(row)
        else:
            del self.fields["until"]
