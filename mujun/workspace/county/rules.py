"""`county.rules`: rule sets found, checked, tested, shown, compared and made."""

from typing import TYPE_CHECKING

from mujun.late import Late
from mujun.workspace.county.group import Free, Group, Verb

if TYPE_CHECKING:
    from mujun.rules import differing, loading, new_file, new_set, schema, showing
    from mujun.workspace import rules_by_hand, rules_in_excel, rulesets, trying_taken_back
else:
    differing = Late("mujun.rules.differing")
    loading = Late("mujun.rules.loading")
    new_file = Late("mujun.rules.new_file")
    new_set = Late("mujun.rules.new_set")
    rules_by_hand = Late("mujun.workspace.rules_by_hand")
    rules_in_excel = Late("mujun.workspace.rules_in_excel")
    rulesets = Late("mujun.workspace.rulesets")
    schema = Late("mujun.rules.schema")
    showing = Late("mujun.rules.showing")
    trying_taken_back = Late("mujun.workspace.trying_taken_back")


class Rules(Group):
    """Rule sets found, checked, tested, shown, compared and made."""

    load = Free(loading.load_rules)
    list = Free(rulesets.known_rules)
    check = Verb(rulesets.checked_rules)
    test = Free(rulesets.tested_rules)
    show = Free(showing.show_rules)
    diff = Free(differing.differences)
    form = Free(rules_in_excel.rules_form)
    take_back = Free(rules_in_excel.take_back)
    try_taken_back = Verb(trying_taken_back.try_taken_back)
    with_numbers = Free(rules_in_excel.with_numbers)
    files = Free(rules_by_hand.rule_files)
    missing_files = Free(new_file.missing_files)
    begin_file = Free(new_file.begin_file)
    try_texts = Free(rules_by_hand.try_texts)
    try_form = Free(rules_by_hand.try_form)
    save_texts = Free(rules_by_hand.save_texts)
    save_form = Free(rules_by_hand.save_form)
    new = Verb(rulesets.new_rules)
    folder_for = Free(new_set.folder_for)
    schema = Free(schema.schema_text)

    @staticmethod
    def kinds() -> tuple[str, ...]:
        """The kinds of rule files: `rating`, `rectification`, `allocation`, `targets`, …"""
        from mujun.rules.loading import MODELS

        return tuple(MODELS)
