"""The wallboard in a browser: one page, and a process of its own for each browser that looks."""
