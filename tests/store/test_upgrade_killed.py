"""An upgrade that is killed leaves the old file or the new one; two hundred kills by `tests.store.upgrade_kills`."""

from __future__ import annotations

import os
import random

import pytest

from tests.store.upgrade_kills import kills


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_a_kill_at_any_moment_leaves_the_old_file_or_the_new_one() -> None:
    assert sum(kills("v4_blank", 5, random.randrange(10**6)).values()) == 5
