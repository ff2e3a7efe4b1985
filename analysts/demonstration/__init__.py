"""Demonstration data, created with the same actions as real data.

It uses only reserved names and neutral placeholder text. Reports sent to a demonstration are not read by a hotline.
"""

from analysts.demonstration.loading import ACCOUNTS, accounts_in_words, load_staff, load_year, write_accounts
from analysts.demonstration.staff import Account, set_passwords_after
from analysts.demonstration.year import REPORTS

__all__ = [
    "ACCOUNTS",
    "REPORTS",
    "Account",
    "accounts_in_words",
    "load_staff",
    "load_year",
    "set_passwords_after",
    "write_accounts",
]
