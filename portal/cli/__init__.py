"""The `jiebang` command, a file a group of verbs."""
