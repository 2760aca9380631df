"""Orders to mend problems by a day, gathered from the list of problems."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from mujun.errors import UsageError, problem
from mujun.personal import public_name
from mujun.reports.rectification.orders import OrderPaper
from mujun.workspace.county_file import CountyFile
from mujun.workspace.data.on_record import current_table
from mujun.workspace.problems.problem_list import list_problems, one_problem


def order_papers(
    county: CountyFile, numbers: Sequence[str] = (), *, township: str | None = None, department: str | None = None
) -> tuple[OrderPaper, ...]:
    """The orders of some problems, or of all that are ordered to be mended in a township or by a department.

    Args:
        county: the county.
        numbers: the problems' numbers; those that were mended since may be among them.
        township, department: only theirs, where no numbers are given.

    Raises:
        UsageError: there is no such problem, it was never ordered to be mended, or none is.
    """
    if numbers:
        rows = pl.concat([one_problem(county, n) for n in numbers])
        for number, deadline in rows.select("problem", "order_deadline").iter_rows():
            if deadline is None:
                raise UsageError(problem("problem_not_ordered", number=number))
    else:
        rows = list_problems(county, township=township, department=department).rows
        rows = rows.filter(pl.col("state") == "ordered")
        if rows.is_empty():
            raise UsageError(problem("problem_none_ordered"))
    holders = dict(current_table(county, "parcels").select("parcel", "holder").iter_rows())
    return tuple(
        OrderPaper(
            problem=r["problem"],
            to=public_name(r["name"] or holders.get(r["parcel"]) or r["credit_code"] or r["parcel"], r["credit_code"]),
            code=r["credit_code"] or "",
            parcel=(r["parcel"] or "") if r["credit_code"] is None else "",
            township=r["township"] or "",
            kind=r["problem_kind"] or "",
            text=r["problem_text"] or "",
            found_on=r["found_on"],
            found_by=r["found_by"] or "",
            department=r["handled_by"] or "",
            document=r["order_document"] or "",
            deadline=r["order_deadline"],
        )
        for r in rows.iter_rows(named=True)
    )
