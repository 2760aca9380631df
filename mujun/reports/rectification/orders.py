"""Orders to mend a problem by a day (责令限期整改通知书), as pages that print."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from mujun.dataclass import dataclass
from mujun.reports.drawing.page import page


@dataclass(frozen=True)
class OrderPaper:
    """What is said in an order to mend a problem.

    Attributes:
        problem: its number.
        to: the firm, or who holds the parcel.
        code, parcel, township: which firm or parcel it is.
        kind, text: what the problem is.
        found_on, found_by: when and by whom it was found.
        department: who orders.
        document, deadline: the order's number, and until when it is to be mended.
    """

    problem: str
    to: str
    code: str
    parcel: str
    township: str
    kind: str
    text: str
    found_on: date | None
    found_by: str
    department: str
    document: str
    deadline: date


def orders_html(orders: Sequence[OrderPaper]) -> str:
    """One order a page."""
    return page("order.html", "责令限期整改通知书", orders=orders)
