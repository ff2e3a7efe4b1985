"""Imports the admin pages of the rooms, so that Django's autodiscovery registers them."""

from analysts.pages import account_admin as accounts
from analysts.takedown.legal import admin as legal
from analysts.takedown.routing import table_admin as routing
from analysts.welfare import masked_terms

__all__ = ["accounts", "legal", "masked_terms", "routing"]
