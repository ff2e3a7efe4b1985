"""Takedown until removal, in import order: recipients, facts, url_list, chase_lifecycle, tracing, notices, ..."""
