"""`python -m portal.cli` is the `jiebang` command."""

from portal.cli.main import main

main(prog_name="jiebang")
