"""`python -m surveyor ...` is the command line."""

from surveyor.cli import main

main(prog_name="surveyor")
