"""`rules`: rule sets."""

from __future__ import annotations

import click

from mujun import messages
from mujun.cli.options import words
from mujun.cli.tables import table
from mujun.errors import MujunError
from mujun.rules import CaseOutcome, addresses, load_rules, run_cases


@click.group(help=words("help_rules_group"))
def rules() -> None:
    """Rule sets."""


@rules.command("list", help=words("help_rules_list"))
def list_rules() -> None:
    """List the rule sets."""
    rows = []
    for address in addresses():
        found = load_rules(address)
        files = (found.rating, found.rectification, found.allocation, found.targets)
        first = next(f for f in files if f is not None)
        kinds = "、".join(f.kind for f in files if f is not None)
        years = (
            f"{min(first.years)}–{max(first.years)}" if len(first.years) > 1 else "".join(str(y) for y in first.years)
        )
        rows.append((address, found.name, years, messages.text(f"status_{first.status}"), kinds))
    click.echo(table(messages.text("rules_head"), rows))


@rules.command("test", help=words("help_rules_test"))
@click.argument("address", nargs=-1, required=True)
@click.pass_context
def test(ctx: click.Context, address: tuple[str, ...]) -> None:
    """Run a rule set's cases."""
    from mujun.workspace import case_engine

    failed = False
    for one in address:
        ruleset = load_rules(one)
        outcomes = run_cases(ruleset, case_engine)
        wrong = [o for o in outcomes if not o.passed]
        if not outcomes:
            click.echo(messages.text("rules_tests_none", address=one))
        elif not wrong:
            numbers = sum(o.checked for o in outcomes)
            click.echo(messages.text("rules_tests_passed", address=one, cases=len(outcomes), numbers=numbers))
        else:
            failed = True
            click.echo(messages.text("rules_test_failed", address=one, failed=len(wrong)), err=True)
            for outcome in wrong:
                _show_failure(outcome)
    if failed:
        ctx.exit(1)


def _show_failure(outcome: CaseOutcome) -> None:
    if outcome.stopped is not None:
        place = outcome.case.stands
        click.echo(
            messages.text("rules_test_stopped", place=str(place), case=outcome.case.id, why=outcome.stopped), err=True
        )
    for m in outcome.mismatches:
        line = messages.text(
            "rules_test_mismatch",
            place=str(m.place), case=m.case, who=m.who, name=m.name,
            expected="~" if m.expected is None else m.expected, got="~" if m.got is None else m.got,
        )  # fmt: skip
        click.echo(line, err=True)


@rules.command("check", help=words("help_rules_check"))
@click.argument("address", nargs=-1, required=True)
@click.pass_context
def check(ctx: click.Context, address: tuple[str, ...]) -> None:
    """Check a rule set."""
    from mujun.rules.checking import check_rules

    failed = False
    for one in address:
        try:
            found = check_rules(one)
        except MujunError as error:
            failed = True
            click.echo(str(error), err=True)
            continue
        for problem in (*found.problems, *found.warnings):
            click.echo(str(problem), err=bool(found.problems))
        if found.problems or found.warnings:
            click.echo(
                messages.text(
                    "rules_problem_count", address=one, errors=len(found.problems), warnings=len(found.warnings)
                )
            )
        else:
            click.echo(messages.text("rules_fine", address=one))
        failed = failed or bool(found.problems)
    if failed:
        ctx.exit(1)
