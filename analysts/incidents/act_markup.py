"""The markup of an action's form. Written here and not in a template: the page of an incident has up to twenty."""

from django.template.loader import get_template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _

from analysts.incidents.markup_cache import NOTHING
from analysts.incidents.page_kit import ActionButton


def draw_act(button: ActionButton, *, csrf_token: str, kept_inputs: str = "", report_id: str = "") -> str:
    """`kept_inputs`: markup of more hidden inputs, such as the to-do list that the page was opened from."""
    return format_html(
        '<form class="act" id="{}{}" method="post" action="{}" autocomplete="off"{}{}>\n'
        '<input type="hidden" name="csrfmiddlewaretoken" value="{}">\n{}{}{}{}</form>\n',
        button.name,
        f"_{report_id}" if report_id else "",
        button.url,
        format_html(' data-opens="{}"', button.opened_by) if button.opened_by else NOTHING,
        format_html(' data-draft="{}"', button.draft_url) if button.draft_url else NOTHING,
        csrf_token,
        kept_inputs,
        _draw_fields(button) if button.shows_fields else NOTHING,
        _draw_buttons(button),
        _draw_draft(button) if button.draft_url and button.shows_fields else NOTHING,
    )


def _draw_fields(button: ActionButton) -> str:
    if button.name == "assess":
        return get_template("analysts/assessment/_assess.html").render({"form": button.form})
    return button.form.fields_markup


def _draw_buttons(button: ActionButton) -> str:
    if button.why_not:
        return format_html(
            '<button type="submit" disabled title="{}">{}</button>\n<span class="why-not">{}</span>\n',
            button.why_not,
            button.label,
            button.why_not,
        )
    if button.name == "assess":
        return format_html(
            '<div class="record">\n<button type="submit" name="then" value="next">{}</button>\n'
            '<button type="submit" class="second">{}</button>\n</div>\n',
            _("Record and open the next"),
            button.label,
        )
    if not button.key:
        return format_html('<button type="submit">{}</button>\n', button.label)
    return format_html(
        '<button type="submit" data-shortcut="{}">\n{}\n'
        '<kbd class="for-scripts" aria-hidden="true">{}</kbd>\n</button>\n',
        button.key,
        button.label,
        button.key,
    )


def _draw_draft(button: ActionButton) -> str:
    """Save the input as a draft, discard it, and what the script says about it."""
    return format_html(
        '<p class="draft">\n<button type="submit" class="plain" formaction="{}">{}</button>\n{}'
        '<span role="status" data-draft-said data-kept="{}" data-lost="{}"></span>\n</p>\n',
        button.draft_url,
        _("Save as draft"),
        _draw_kept_draft(button),
        _("Draft saved"),
        _("Not saved: you may be signed out. Sign in again in another tab. What you entered stays here."),
    )


def _draw_kept_draft(button: ActionButton) -> str:
    if not button.kept_at:
        return NOTHING
    return format_html(
        "<span>\n{}\n</span>\n"
        '<button type="submit" class="plain" name="discard" value="1" formaction="{}">{}</button>\n',
        _("The form contains your draft from %(time)s.")
        % {"time": date_format(timezone.localtime(button.kept_at), "j M, H:i")},
        button.draft_url,
        _("Discard draft"),
    )
