"""Whom a new installation starts with."""

# Countries with a hotline of their own that takes referrals through ICCAM (from open code of the field).
# fmt: off
HOTLINE_COUNTRIES = frozenset({
    "BR", "CO", "HU", "TH", "AU", "CA", "TW", "KR", "US", "AT", "BE", "DK", "EE", "FI", "FR", "DE",
    "GR", "IE", "LV", "LT", "LU", "NL", "PL", "SI", "GB", "SE", "RO", "KH", "JP", "CZ", "PT", "CY",
})
# fmt: on
