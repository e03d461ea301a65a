"""How much is tried: little with the other tests, `--hypothesis-profile fuzz` as much as one has time for."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

from tests.tui.conftest import clock as clock
from tests.tui.conftest import start as start
from tests.tui.conftest import storage as storage
from tests.tui.conftest import store_path as store_path

settings.register_profile(
    "fuzz",
    max_examples=int(os.environ.get("FUZZ_EXAMPLES", "3000")),
    deadline=None,
    database=None,
    print_blob=True,
    derandomize=False,
    suppress_health_check=list(HealthCheck),
)
