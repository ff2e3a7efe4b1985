"""The queue: its filters and pages, and the dispatch of the next incident."""
