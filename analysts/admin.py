"""Imports the admin pages of the rooms, so that Django's autodiscovery registers them."""

from analysts.accounts import admin as accounts
from analysts.welfare import masked_terms

__all__ = ["accounts", "masked_terms"]
