"""The public pages of a portal: their frame, their views, and the published portals behind them."""
