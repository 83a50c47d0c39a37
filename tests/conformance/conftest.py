"""Makes the slow reference and the generators importable for the conformance tests.

Tests are found by path, so without this file Python would not search this folder.
"""

import os
import sys
from pathlib import Path

import hypothesis

sys.path.insert(0, str(Path(__file__).parent))

# The same examples each time: a failure in CI is the failure on a desk. `HYPOTHESIS_PROFILE=search` looks for new ones, longer.
PHASES = (hypothesis.Phase.explicit, hypothesis.Phase.generate, hypothesis.Phase.shrink)
hypothesis.settings.register_profile("conformance", deadline=None, derandomize=True, print_blob=True, phases=PHASES)
hypothesis.settings.register_profile("search", deadline=None, max_examples=20_000, print_blob=True, phases=PHASES)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "conformance"))
