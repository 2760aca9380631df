"""Sheets of merged subjects: who is in them with which part, and firms rated both alone and merged, side by side."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from mujun.rating import Rating
from mujun.rating.members import SUBJECTS, members_of, quantities_of, scored_indicators, with_parts
from mujun.reports.drawing.columns import known
from mujun.reports.drawing.labels import Heading, headings
from mujun.reports.drawing.sheets import Column, Sheet, Table, columns_of
from mujun.reports.year.document import YearDocument
from mujun.rules.showing_rating import COUNTINGS


def members_sheet(document: YearDocument) -> Sheet | None:
    """Every subject of several firms with its members, their parts and the shared result; `None` where none is."""
    rating = document.rating
    if not rating.merged:
        return None
    rows = members_of(rating.plan, rating.enterprises, rating.subjects)
    if rows.is_empty():
        return None
    labels = {c.id: c.label or c.id for c in rating.plan.rating.cohorts}
    columns = [
        Column("subject", "评价对象"),
        Column("members", "企业（家）", "whole"),
        known("name"),
        known("credit_code"),
        known("township"),
        known("cohort"),
        known("tier"),
        known("score", places=rating.plan.rating.decimals.score),
        Column("rank", "组内名次", "whole", 0),
    ]
    of_ratings = headings(rows.schema, what="ratings", ruleset=document.ruleset)
    for quantity in quantities_of(rating.plan):
        heading = of_ratings[quantity]
        mine, whole = columns_of(
            [heading, replace(heading, name=f"{quantity}{SUBJECTS}", label=f"{heading.label}·合并")]
        )
        columns += [mine, whole, Column(f"{quantity}_share", f"{heading.label}·占比", "percent")]
    subjects = rows["subject"].n_unique()
    lines = (
        document.origin,
        f"{subjects} 个评价对象由 {rows.height} 家企业合并评价；各项数量先相加再算指标，得分、名次、档次由各成员共有",
    )
    table = Table(tuple(columns), rows.with_columns(pl.col("cohort").replace(labels)))
    title = f"{document.year}年合并评价的企业和各自所占份额"
    return Sheet("合并评价", title, lines, (table,), 3, 15, trial=document.trial, tiers=document.ladder)


def both_sheet(document: YearDocument) -> Sheet | None:
    """Firms rated alone and merged, both results side by side; `None` where the rules rate none both ways."""
    rating = document.rating
    if rating.other is None or rating.counting is None:
        return None
    ways = {rating.counting: rating, "merged" if rating.counting == "alone" else "alone": rating.other}
    rows = rating.enterprises.filter(pl.col("counted_as").is_not_null()).select(
        "credit_code", "name", "township", "tier", "other_tier"
    )
    if rows.is_empty():
        return None
    shown: dict[str, dict[str, Column]] = {}
    for way in ("alone", "merged"):
        table, shown[way] = _one_way(document, ways[way], way)
        rows = rows.join(table, on="credit_code", how="left", maintain_order="left")
    same = pl.col("tier").eq_missing(pl.col("other_tier"))
    rows = rows.with_columns(pl.when(same).then(pl.lit("一致")).otherwise(pl.lit("不一致")).alias("same"))
    rows = rows.sort(pl.col("same") == "一致", "credit_code")
    head = [
        known("name"),
        known("credit_code"),
        known("township"),
        Column("same", "两种档次是否一致", "verdict"),
    ]
    results = ("score", "rank", "size", "tier")
    first = [shown[way][name] for way in ("alone", "merged") for name in results]
    members = [Column("merged:members", "合并·企业（家）", "whole")]
    pairs = [shown[way][name] for name in shown["merged"] if name not in results for way in ("alone", "merged")]
    names = [Column("merged:names", "合并·哪些企业", "texts", width=40.0)]
    differing = rows.filter(pl.col("same") == "不一致").height
    lines = (
        document.origin,
        f"{rows.height} 家企业单独、合并各评一次，以{COUNTINGS[rating.counting]}的结果为准；"
        f"两种结果档次不同的 {differing} 家，列在最前",
        "不为准的一种：其余规则不变，所有这类企业都改按这种方式评价时的得分、名次和档次；它不占名额，不影响别的企业",
    )
    columns = (*head, *first, *members, *pairs, *names)
    return Sheet(
        "两种评价", f"{document.year}年单独评价与合并评价对照", lines, (Table(columns, rows),), 1,
        printed=len(head) + len(first) + 3, trial=document.trial, tiers=document.ladder,
    )  # fmt: skip


def _one_way(document: YearDocument, rating: Rating, way: str) -> tuple[pl.DataFrame, dict[str, Column]]:
    """One of the two results as its subjects have it: columns `<way>:<name>`, and how each is shown."""
    plan = rating.plan
    wanted = (*quantities_of(plan), *scored_indicators(plan))
    if rating.merged:
        rows = with_parts(plan, rating.enterprises, rating.subjects)
        values = {n: f"{n}{SUBJECTS}" for n in wanted}
    else:
        rows = rating.enterprises.with_columns(pl.concat_list("credit_code").alias("members"))
        values = {n: n for n in wanted if n in rows.columns}
    word = {"alone": "单独", "merged": "合并"}[way]
    names = ["score", "rank", "size", "tier", *values, *(f"{n}_points" for n in scored_indicators(plan))]
    called = dict(rating.enterprises.select("credit_code", pl.coalesce("name", "credit_code")).iter_rows())
    taken = rows.select(
        "credit_code",
        pl.col("members").list.len().cast(pl.Int64).alias(f"{way}:members"),
        pl.col("members").list.eval(pl.element().replace(called)).alias(f"{way}:names"),
        *(pl.col(values.get(n, n)).alias(f"{way}:{n}") for n in names),
    )
    schema = {n: taken.schema[f"{way}:{n}"] for n in names}
    of_ratings = headings(schema, what="ratings", ruleset=document.ruleset)

    def headed(heading: Heading) -> Heading:
        return replace(heading, name=f"{way}:{heading.name}", label=f"{word}·{heading.label}")

    return taken, dict(zip(names, columns_of(headed(of_ratings[n]) for n in names), strict=True))
