"""`risktui` and `python -m risktui`: ends without a word where ctrl+c comes while it is loaded."""

import sys


def main() -> None:
    """Entry point of the installed command."""
    try:
        from risktui.cli.main import main as begin  # what takes time is loaded where it may end

        begin()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
