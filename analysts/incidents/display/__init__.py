"""Addresses and words made safe to show: defanged, legible, compared."""
