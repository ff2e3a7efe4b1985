"""Previews of public pages for operators, translators and partners."""
