"""What the public surface shows of a portal: the page frame, its pages, and the published portals behind them."""
