"""Our own files: view state, user rules, saved logins, keyrings. One writer, one lock."""
