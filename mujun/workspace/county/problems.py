"""`county.problems`: the list of problems found on firms and parcels, from finding to closing."""

from typing import TYPE_CHECKING

from mujun.late import Late
from mujun.workspace.county.group import Group, Verb

if TYPE_CHECKING:
    from mujun.workspace.problems import problem_books, problem_list
else:
    problem_books = Late("mujun.workspace.problems.problem_books")
    problem_list = Late("mujun.workspace.problems.problem_list")


class Problems(Group):
    """The list of problems (问题隐患治理清单): each with its own life."""

    list = Verb(problem_list.list_problems)
    say = Verb(problem_list.say_of_problem)
    sheet = Verb(problem_books.problem_sheet)
    load = Verb(problem_books.load_problems)
    status = Verb(problem_list.problem_status)
    book = Verb(problem_list.problem_book)
