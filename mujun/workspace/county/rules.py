"""`county.rules`: rule sets found, checked, tested, shown, compared and made."""

from mujun.rules import load_rules
from mujun.rules.differing import differences
from mujun.rules.loading import MODELS
from mujun.rules.new_set import folder_for
from mujun.rules.schema import schema_text
from mujun.rules.showing import show_rules
from mujun.workspace import rules_in_excel, rulesets
from mujun.workspace.county.group import Group, Verb


class Rules(Group):
    """Rule sets found, checked, tested, shown, compared and made."""

    load = staticmethod(load_rules)
    list = staticmethod(rulesets.known_rules)
    check = Verb(rulesets.checked_rules)
    test = staticmethod(rulesets.tested_rules)
    show = staticmethod(show_rules)
    diff = staticmethod(differences)
    form = staticmethod(rules_in_excel.rules_form)
    take_back = staticmethod(rules_in_excel.take_back)
    new = Verb(rulesets.new_rules)
    folder_for = staticmethod(folder_for)
    schema = staticmethod(schema_text)

    @staticmethod
    def kinds() -> tuple[str, ...]:
        """The kinds of rule files: `rating`, `rectification`, `allocation`, `targets`, …"""
        return tuple(MODELS)
