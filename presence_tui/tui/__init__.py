"""The screen: widgets over the store, commands, styles and languages. Opens no socket."""
