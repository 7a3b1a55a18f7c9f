"""Files of our own: view state, user rules, saved logins, keyrings. One writer, one lock."""
