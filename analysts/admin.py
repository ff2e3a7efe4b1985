"""Where Django looks for the admin pages of this app: each room registers its own."""

from analysts.accounts import admin as accounts
from analysts.welfare import masked_terms

__all__ = ["accounts", "masked_terms"]
