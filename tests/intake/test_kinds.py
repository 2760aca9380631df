"""The docs' table of department files is made from the corpus, and fresh."""

from __future__ import annotations

from tests.intake import kinds


def test_the_table_is_fresh() -> None:
    assert kinds.PAGE.read_text(encoding="utf-8") == kinds.page(), "python -m tests.intake --open writes it anew"
