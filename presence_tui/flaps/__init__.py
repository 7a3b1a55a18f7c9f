"""Records who returns again and again, and derives how often, in which rhythm, and why."""
