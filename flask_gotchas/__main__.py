"""Let `python -m flask_gotchas` do what `flask-gotchas` does."""

from __future__ import annotations

import sys

from flask_gotchas.cli import main

if __name__ == "__main__":
    sys.exit(main())
