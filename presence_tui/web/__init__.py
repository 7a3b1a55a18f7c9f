"""The wallboard in a browser: one page, and one process per browser."""
