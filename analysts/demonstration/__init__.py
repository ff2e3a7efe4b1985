"""What a demonstration is filled with, made with the verbs that make real ones.

Reserved names and neutral placeholder words only. Nobody reads what is sent to a demonstration.
"""

from analysts.demonstration.staff import Account, create_staff, set_passwords_after
from analysts.demonstration.year import REPORTS, live_a_year

__all__ = ["REPORTS", "Account", "create_staff", "live_a_year", "set_passwords_after"]
