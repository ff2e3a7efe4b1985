"""The staff pages: composes what the rooms offer. Nothing but `demonstration` imports it."""
