"""What becomes of a caller: flows as generators, for programmers, and written in YAML, for people. Pure."""
