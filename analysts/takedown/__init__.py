"""Takedown until removal, in import order: next_steps, recipients, facts, url_list, chase_lifecycle, tracing, ..."""
