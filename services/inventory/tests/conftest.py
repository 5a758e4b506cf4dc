"""Makes the samples of these tests importable for all of them."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
