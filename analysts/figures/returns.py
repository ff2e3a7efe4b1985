"""The return of a closed period to the hotlines' observatory: one row for each number, with its definition."""

from collections.abc import Iterator

from analysts.figures.snapshot import FrozenFigures

# Name, definition, and where the number is; None: the product has no code for it, so the cell stays empty, never 0.
COLUMNS: tuple[tuple[str, str, str | None], ...] = (
    ("reports_received", "Reports received from the public", "reports all"),
    (
        "addresses_reported",
        "Web addresses named in them, also repeatedly; a report without one counts as one",
        "addresses all",
    ),
    (
        "duplicates",
        "Of these: the address had been reported before, to any portal, at any time",
        "addresses newness again",
    ),
    ("assessed", "Web addresses assessed; one that was reopened counts again", "assessed all"),
    ("illegal", "Of these: illegal", "assessed verdict illegal"),
    ("not_illegal", "Of these: not illegal", "assessed verdict not_illegal"),
    ("outside_remit", "Of these: outside the hotline's remit", "assessed verdict outside_remit"),
    ("not_assessed", "Of these: could not be assessed, with a reason", "assessed verdict not_assessed"),
    ("self_generated", "Illegal, flagged as self-generated", "assessed flag self_generated"),
    ("sexual_extortion", "Illegal, flagged as sexually coerced extortion", "assessed flag sextortion"),
    ("grooming", "Illegal: grooming", None),
    ("computer_generated", "Illegal, flagged as computer-generated", "assessed flag ai_generated"),
    ("text", "Illegal: text without an image", None),
    ("inchoate", "Illegal: text or links that assist an offence", "assessed severity I"),
    ("to_police", "Referrals of which a notice was sent to the police", "notified recipient police"),
    ("to_providers", "Referrals of which a notice was sent to a hosting provider", "notified recipient host"),
    ("to_hotlines", "Referrals of which a notice was sent to another hotline", "notified recipient hotline"),
    ("into_iccam", "Entered into ICCAM", None),
    (
        "trusted_flagger_notices",
        "Referrals of which a notice was sent as a trusted flagger",
        "notified flag trusted_flagger",
    ),
    ("removed", "Confirmed as removed by consecutive checks", "removed all"),
)
SHARES = ("1 day", "3 days", "7 days")


def return_rows(period: str, frozen: FrozenFigures) -> Iterator[tuple[str, str, str, str]]:
    """Rows of period, name, definition and number."""
    national = frozen["national"]
    for name, definition, place in COLUMNS:
        yield period, name, definition, "" if place is None else str(national.get(place, 0))
    for subject, name, what in (
        ("assessed", "assess", "Hours from the hour of the report to the first verdict that counts"),
        ("removed", "removal", "Hours from the first notice to the first check that found it removed"),
    ):
        times = frozen["times"][subject]
        for field, label, hours in (
            ("median_hours", "median", times["median_hours"]),
            ("slow_hours", "90th percentile", times["slow_hours"]),
        ):
            text = "" if hours is None else str(hours)
            yield period, f"{name}_{field}", f"{what}: {label}, end of the interval", text
        for label, share in zip(SHARES, times["within"], strict=True):
            text = "" if share is None else f"{100 * share:.1f}"
            yield period, f"{name}_within_{label.replace(' ', '_')}_percent", f"{what}: percent within {label}", text
    before = frozen["times"]["removed"]["before_notice"]
    yield period, "removed_before_notice", "Removed before a notice was sent; in none of the times", str(before)
