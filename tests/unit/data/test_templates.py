"""What a user fills in is explained in Dutch."""

from __future__ import annotations

import pytest

from studie.data import templates
from studie.data.definitions import CONTRACTS


@pytest.mark.parametrize("name", CONTRACTS)
def test_no_english_rule_stands_in_a_template(name: str) -> None:
    table = CONTRACTS[name]
    english = [c.rule for c in table.columns if c.rule and templates._allowed(c) == c.rule]
    assert english == []
    said = templates.explained(table) + templates.mapping_example(table)
    assert not [word for word in (" such as ", " written ", " digits", "must ") if word in said]
