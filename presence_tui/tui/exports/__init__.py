"""What leaves the screen: listings as CSV, JSON or Markdown, pictures, and what goes to the clipboard."""
