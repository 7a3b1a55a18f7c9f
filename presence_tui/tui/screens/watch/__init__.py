"""The watch screen by what it does; ``watch_screen`` puts it together."""
