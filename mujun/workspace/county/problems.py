"""`county.problems`: the list of problems found on firms and parcels, from finding to closing."""

from typing import TYPE_CHECKING

from mujun.late import Late
from mujun.workspace.county.group import Free, Group, Verb

if TYPE_CHECKING:
    from mujun.rectification import problems
    from mujun.workspace.problems import course, evidence, problem_books, problem_list
else:
    problems = Late("mujun.rectification.problems")
    course = Late("mujun.workspace.problems.course")
    evidence = Late("mujun.workspace.problems.evidence")
    problem_books = Late("mujun.workspace.problems.problem_books")
    problem_list = Late("mujun.workspace.problems.problem_list")


class Problems(Group):
    """The list of problems (问题隐患治理清单): each with its own life."""

    list = Verb(problem_list.list_problems)
    allowed = Free(problems.allowed)
    say = Verb(problem_list.say_of_problem)
    take_back = Verb(course.take_back_step)
    course = Verb(course.course_of_problem)
    sheet = Verb(problem_books.problem_sheet)
    load = Verb(problem_books.load_problems)
    status = Verb(problem_list.problem_status)
    book = Verb(problem_list.problem_book)
    kept_files = Free(evidence.kept_files)
    copy_evidence = Verb(evidence.copy_evidence)
