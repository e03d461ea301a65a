"""`python -m mi6_tui` is `mi6-tui`."""

import sys

from mi6_tui.cli import main

if __name__ == "__main__":
    sys.exit(main())
