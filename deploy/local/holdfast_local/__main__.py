"""Entry point of `python -m holdfast_local`."""

import sys

from holdfast_local.cli import main

sys.exit(main())
