"""`python -m risktui`, for where the command is not on the path."""

from risktui.cli.main import main

main()
