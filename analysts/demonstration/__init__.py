"""Demonstration data, created with the same actions as real data.

It uses only reserved names and neutral placeholder text. Reports sent to a demonstration are not read by a hotline.
"""

from analysts.demonstration.earlier_figures import close_periods
from analysts.demonstration.staff import Account, create_staff, set_passwords_after
from analysts.demonstration.year import REPORTS, live_a_year

__all__ = ["REPORTS", "Account", "close_periods", "create_staff", "live_a_year", "set_passwords_after"]
