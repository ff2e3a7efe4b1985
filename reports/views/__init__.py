"""The pages with forms, for reporters and for recipients of notices."""
