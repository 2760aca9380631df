"""The oracle: sections 7.2 to 7.5 and 8 of the design, one value at a time, by name and on demand.

Nothing is ordered beforehand. A field, a statistic, a rank asks for what it needs; every answer is kept,
and asking for what is still being worked out is a cycle.
"""

import math
from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property, cmp_to_key
from itertools import pairwise
from typing import Any, TypeVar, cast

from .expressions import (
    BOOL,
    DATE,
    EXACT,
    FLOAT,
    LIST,
    TEXT,
    WIDE,
    Node,
    OracleError,
    as_number,
    at12,
    comparable,
    compile_expression,
    half_away,
    rational,
    units12,
)

T = TypeVar("T")
Row = dict[str, Any]
Rules = dict[str, Any]

# The dictionary (section 5): whatever is not named here is a quantity.
TEXTS = {"credit_code", "name", "county", "township", "park", "industry", "industry_division", "scale", "status"}
TEXTS |= {"kind", "group_code", "tier_last", "tier_last2", "cohort_last", "cohort_last2"}
DATES = {"registered_on", "started_on", "as_of"}
LISTS = {"labels", "parcels", "tenants"}
RELATED = {"parcel": "parcels", "landlord": "tenants"}
COUNTS = {"tenants_above", "tenants_below"}
INPUTS = {"date": DATE, "text": TEXT, "boolean": BOOL, "quantity": EXACT}
USUAL_POOL = {EXACT: "sum", TEXT: "most_land", DATE: "earliest", BOOL: "any", LIST: "union"}

# What a name means once subjects are rated; an enterprise shows its subject's.
OF_SUBJECT = dict.fromkeys(["subject", "cohort", "treatment", "reason", "tier", "tier_cut", "managed_as"], TEXT)
OF_SUBJECT |= dict.fromkeys(["score", "rank", "size"], EXACT)

GRADED = ("rated", "ungraded")
STARTED = object()


@dataclass(eq=False)
class Entity:
    """An enterprise of the frame, or a subject with its members."""

    id: str
    row: Row | None = None
    members: list["Entity"] = field(default_factory=list)


@dataclass
class Outcome:
    """What happens to one indicator of one subject before any weight is known (S5)."""

    policy: Any = None
    note: str | None = None
    source: str = ""
    value: float | None = None
    benchmark: float | None = None


@dataclass
class Result:
    """Section 8: a dict per enterprise, a dict per subject, and what `verify` says per cell."""

    enterprises: list[Row]
    subjects: list[Row]
    verify: list[Row]
    other: "Result | None" = None


def rate(
    rows: list[Row],
    rules: Rules,
    previous: list[Row] | None = None,
    tables: dict[str, list[dict[str, str]]] | None = None,
    year: int = 2022,
) -> Result:
    """Rate a frame by a resolved rating.yaml; `OracleError` where the design stops the run.

    Where the rules rate firms both ways, `other` is the year rated with the other way counting.
    """
    result = Rater(rows, rules, previous, tables or {}, year).result()
    if counting(rules.get("population") or {}) is None:
        return result
    return replace(result, other=Rater(rows, other_way(rules), previous, tables or {}, year).result())


def is_ahead(one: list[tuple[bool, Any, bool]], other: list[tuple[bool, Any, bool]]) -> bool:
    """Whether `one` comes strictly before `other`: descending unless told otherwise, missing last."""
    for (missing, value, ascending), (other_missing, other_value, _) in zip(one, other):
        if missing != other_missing:
            return other_missing
        if not missing and value != other_value:
            return bool(value < other_value if ascending else value > other_value)
    return False


class Standing:
    """Keys of some who are compared, the foremost first."""

    def __init__(self, keys: list[list[tuple[bool, Any, bool]]]) -> None:
        def compared(one: list[tuple[bool, Any, bool]], other: list[tuple[bool, Any, bool]]) -> int:
            return int(is_ahead(other, one)) - int(is_ahead(one, other))

        self.keys = sorted(keys, key=cmp_to_key(compared))

    def ahead(self, keys: list[tuple[bool, Any, bool]]) -> int:
        """How many come strictly before these keys: they stand together at the front."""
        return bisect_left(self.keys, True, key=lambda one: not is_ahead(one, keys))

    def not_behind(self, keys: list[tuple[bool, Any, bool]]) -> int:
        """How many these keys do not come strictly before."""
        return bisect_left(self.keys, True, key=lambda one: is_ahead(keys, one))


class Rater:
    """One frame under one rule set."""

    def __init__(
        self,
        rows: list[Row],
        rules: Rules,
        previous: list[Row] | None,
        tables: dict[str, list[dict[str, str]]],
        year: int,
        is_past: bool = False,
    ) -> None:
        self.rules, self.lookup, self.year, self.is_past = rules, tables, year, is_past
        self.enterprises = [Entity(row["credit_code"], row=row) for row in rows]
        self.fields: Rules = rules.get("fields") or {}
        self.tables: Rules = rules.get("tables") or {}
        self.statistics: Rules = rules.get("statistics") or {}
        self.indicators: Rules = rules.get("indicators") or {}
        self.population: Rules = rules.get("population") or {}
        self.cohorts: list[Rules] = rules.get("cohorts") or []
        self.scoring: Rules = {cohort: plainly(cohort, rules["scoring"]) for cohort in rules.get("scoring") or {}}
        self.adjustments: Rules = rules.get("adjustments") or {}
        self.tiers: Rules = rules.get("tiers") or {}
        self.classes: list[str] = [one["id"] for one in self.tiers.get("classes") or []]
        self.cells: list[str] = self.tiers.get("cells") or ["cohort"]
        self.places = {"points": 4, "score": 4} | (rules.get("decimals") or {})
        self.subject_kind: str = self.population.get("subject") or "enterprise"
        self.columns_seen = {name: value for row in rows for name, value in row.items() if value is not None}
        self.memo: dict[Any, Any] = {}
        self.labels = {
            str(one["label"]): name
            for named in (self.fields, self.statistics, self.indicators)
            for name, one in named.items()
            if "label" in one
        }
        self.past: Rater | None = None
        stated = [*self.statistics.values(), *peers_in(self.scoring)]
        if not is_past and any(one.get("year") == "previous" for one in stated):
            if previous is None:
                raise OracleError("previous_missing", "a statistic wants last year's frame")
            self.past = Rater(previous, rules, None, tables, year - 1, is_past=True)

    def once(self, key: Any, compute: Callable[[], T]) -> T:
        """Compute a value the first time it is asked for; find cycles."""
        kept = self.memo.get(key, self)
        if kept is STARTED:
            raise OracleError("cycle", str(key))
        if kept is self:
            self.memo[key] = STARTED
            try:
                kept = self.memo[key] = compute()
            except BaseException:
                del self.memo[key]
                raise
        return cast(T, kept)

    # ------------------------------------------------------------------------- names and expressions (7.2)

    def kind(self, name: str) -> str:
        return self.once(("kind", name), lambda: self.find_kind(self.labels.get(name, name)))

    def find_kind(self, name: str) -> str:
        if then := self.then(name):
            return self.kind(then[0])
        if name in self.fields:
            one = self.fields[name]
            return INPUTS[one["input"]] if "input" in one else self.node(one["value"]).kind
        if name in self.table_columns:
            cells = [row[self.table_columns[name][1]] for row in self.lookup[self.table_columns[name][0]]]
            return EXACT if all(is_number(cell) for cell in cells if cell) else TEXT
        if name in self.statistics:
            return self.statistic_kind(self.statistics[name])
        if name in self.indicators or self.indicator_of(name, "_benchmark"):
            return FLOAT
        if name in OF_SUBJECT:
            return OF_SUBJECT[name]
        if self.indicator_of(name, "_points") or name.startswith("adj_"):
            return EXACT
        base = name.removesuffix("_last2").removesuffix("_last")
        for kind, names in ((TEXT, TEXTS | {"tier"}), (DATE, DATES), (LIST, LISTS)):
            if base in names or name in names:
                return kind
        seen = self.columns_seen.get(name)
        return TEXT if isinstance(seen, str) else BOOL if isinstance(seen, bool) else EXACT

    def node(self, expression: Any, **extra: str) -> Node:
        key = ("node", str(expression), tuple(extra))
        return self.once(key, lambda: compile_expression(expression, lambda name: extra.get(name) or self.kind(name)))

    def eval(self, entity: Entity, expression: Any, extra: Row | None = None) -> Any:
        """An expression as this entity sees it; `extra` names go before all others."""
        extra = extra or {}
        kinds = {name: TEXT if name == "tier" else FLOAT for name in extra}
        return self.node(expression, **kinds).run(lambda name: extra[name] if name in extra else self.get(entity, name))

    def holds(self, entity: Entity, condition: Any, extra: Row | None = None) -> bool:
        """A condition that is null is not met; none stated is met."""
        return condition is None or self.eval(entity, condition, extra) is True

    def number(self, entity: Entity, expression: Any) -> float | None:
        """An expression as a float taken at 12 decimals."""
        value = self.eval(entity, expression)
        return None if value is None else at12(float(value))

    def get(self, entity: Entity, name: str) -> Any:
        name = self.labels.get(name, name)
        return self.once((entity, name), lambda: self.find(entity, name))

    def then(self, name: str) -> tuple[str, str] | None:
        """The rule's own field and the suffix, of a name such as `rated_tax_last`."""
        name = self.labels.get(name, name)
        for word, suffix in (("上年", "_last"), ("前年", "_last2")):
            if name.startswith(word) and name.removeprefix(word) in self.labels:
                name = self.labels[name.removeprefix(word)] + suffix
        for suffix in ("_last2", "_last"):
            base = name.removesuffix(suffix)
            if base != name and base in self.fields and name not in self.fields:
                return base, suffix
        return None

    def field_then(self, entity: Entity, base: str, suffix: str) -> Any:
        """A rule's own field of an earlier year: its algorithm with every name of that year."""
        one = self.fields[base]
        if entity.row is None:
            how = one.get("pool") or USUAL_POOL[self.kind(base)]
            if how != "again" or "input" in one:
                return self.pooled(entity, base + suffix, how)
        if "input" in one:
            return self.dictionary_field(entity, base + suffix)
        return self.node(one["value"]).run(lambda name: self.get(entity, self.labels.get(name, name) + suffix))

    def find(self, entity: Entity, name: str) -> Any:
        if then := self.then(name):
            return self.field_then(entity, *then)
        if name in self.fields:
            return self.rule_field(entity, name)
        if name in self.table_columns:
            return self.table_value(entity, name)
        if name in self.statistics:
            return self.statistic(entity, name)
        if name in self.indicators:
            return self.indicator(entity, name)[0]
        subject = self.subject_of[entity] if self.is_known_of_subject(name) else entity
        if name in OF_SUBJECT:
            return self.of_subject(subject, name)
        if name.startswith("adj_"):
            return self.adjusted(subject)[0].get(name[4:]) if self.scored(subject) else None
        if one := self.indicator_of(name, "_benchmark"):
            return self.outcome(subject, one).benchmark if self.weighs(subject, one) else None
        if one := self.indicator_of(name, "_points"):
            return self.points(subject, one)[0] if self.weighs(subject, one) else None
        return self.dictionary_field(entity, name)

    def keys(self, entity: Entity, names: list[str]) -> tuple[Any, ...]:
        """What puts the entity into a group."""
        return tuple(comparable(self.get(entity, name)) for name in names)

    def indicator_of(self, name: str, suffix: str) -> str | None:
        base = name.removesuffix(suffix)
        return base if base != name and base in self.indicators else None

    def is_known_of_subject(self, name: str) -> bool:
        suffixes = ("_points", "_benchmark")
        return name in OF_SUBJECT or name.startswith("adj_") or any(self.indicator_of(name, one) for one in suffixes)

    # --------------------------------------------------------------- fields and pooling (7.2, 7.3, S19)

    def dictionary_field(self, entity: Entity, name: str) -> Any:
        if name == "firms" and self.area_key is not None:
            return Decimal(len(entity.members))
        if name in ("name", "credit_code") and self.area_key is not None and entity.row is None:
            return entity.id
        if entity.row is None:
            return self.pooled(entity, name, "scale" if name == "scale" else USUAL_POOL[self.kind(name)])
        value = entity.row.get(name)
        if value is None and name == "as_of":
            return date(self.year, 12, 31)
        if value is None and name == "industry_division":
            industry = self.get(entity, "industry")
            return industry[:2] if industry else None
        if name in LISTS:
            return tuple(value or ())
        if name in COUNTS and value is None:
            return Decimal(0)
        return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value

    def rule_field(self, entity: Entity, name: str) -> Any:
        one = self.fields[name]
        if entity.row is None:
            how = one.get("pool") or USUAL_POOL.get(self.kind(name))
            if how is None:
                raise OracleError("rules", f"field {name} divides and does not say how it pools")
            if how != "again" or "input" in one:
                return self.pooled(entity, name, how)
        return self.dictionary_field(entity, name) if "input" in one else self.eval(entity, one["value"])

    def pooled(self, subject: Entity, name: str, how: str) -> Any:
        """Quantities add, labels unite, 规上 if any is, dates earliest, text from the member with most land."""
        values = [value for value in (self.get(member, name) for member in subject.members) if value is not None]
        if how == "union":
            return tuple(sorted({one for value in values for one in value}))
        if how == "scale" and "规上" in values:
            return "规上"
        if how in ("most_land", "scale"):
            ordered = (self.get(member, name) for member in sorted(subject.members, key=self.by_land))
            return next((value for value in ordered if value is not None), None)
        if not values:
            return None
        if how == "sum":
            return exact_sum(values)
        functions: dict[str, Callable[..., Any]] = {
            "max": max,
            "latest": max,
            "min": min,
            "earliest": min,
            "any": any,
            "all": all,
        }
        return functions[how](values)

    def by_land(self, member: Entity) -> tuple[Any, ...]:
        land = self.get(member, "land_mu")
        return (land is None, -land if land is not None else 0, member.id)

    @cached_property
    def table_columns(self) -> dict[str, tuple[str, str]]:
        """`<table>_<column>` → table and column, for the columns that are no keys."""
        return {
            f"{table}_{column}": (table, column)
            for table, one in self.tables.items()
            for column in (self.lookup[table][0] if self.lookup[table] else {})
            if column not in [*(one.get("keys") or []), *(["from", "up_to"] if "range" in one else [])]
        }

    def table_value(self, entity: Entity, name: str) -> Any:
        """The row with fewest wildcards that matches, then the first in the file."""
        table, column = self.table_columns[name]
        one = self.tables[table]
        wanted = {key: self.get(entity, key) for key in one.get("keys") or []}
        hits = [row for row in self.lookup[table] if all(row[key] in ("*", value) for key, value in wanted.items())]
        if "range" in one:
            number = self.get(entity, one["range"])
            hits = [row for row in hits if number is not None and is_within(float(number), row["from"], row["up_to"])]
        if not hits:
            return None
        cell = min(hits, key=lambda row: sum(row[key] == "*" for key in wanted))[column]
        return (Decimal(cell) if self.kind(name) == EXACT else cell) if cell else None

    # ------------------------------------------------------------------------------------ subjects (7.3)

    @property
    def area_key(self) -> str | None:
        """What says to which area a firm belongs, where areas are rated by the sums of their firms."""
        keys = {"township": "township", "park": "park", "zone": "zone", "industry": "industry_division"}
        return keys.get(self.subject_kind)

    @cached_property
    def areas(self) -> list[Entity]:
        """An area per value of the key, of the firms that count."""
        groups: dict[str, list[Entity]] = {}
        for firm in self.enterprises:
            area = self.get(firm, str(self.area_key))
            if area is not None and self.holds(firm, self.population.get("members")):
                groups.setdefault(area, []).append(firm)
        return [Entity(area, members=firms) for area, firms in sorted(groups.items())]

    @cached_property
    def subjects(self) -> list[Entity]:
        if self.area_key is not None:
            return self.areas
        groups: dict[str, list[Entity]] = {}
        for enterprise, subject in zip(self.enterprises, self.subject_ids(), strict=True):
            groups.setdefault(subject, []).append(enterprise)
        if self.subject_kind == "enterprise" and counting(self.population) != "merged":
            return [members[0] for members in groups.values()]
        return [Entity(id_, members=members) for id_, members in groups.items()]

    @cached_property
    def subject_of(self) -> dict[Entity, Entity]:
        of = {member: subject for subject in self.subjects for member in subject.members or [subject]}
        return of | {subject: subject for subject in self.subjects}

    def subject_ids(self) -> list[str]:
        """The enterprise itself, its group, or the smallest parcel of all that hang together (S19)."""
        both = self.population.get("both")
        if both:
            return self.subject_ids_of_both({} if both is True else both)
        if self.subject_kind == "enterprise":
            return [enterprise.id for enterprise in self.enterprises]
        return self.merged_ids(self.subject_kind, self.which(self.population.get("apart")))

    def which(self, condition: str | None) -> list[bool]:
        return [condition is not None and self.holds(enterprise, condition) for enterprise in self.enterprises]

    def subject_ids_of_both(self, both: Rules) -> list[str]:
        """Firms rated both ways stand apart where they count alone; else they merge, and those they share with."""
        kind = both.get("with") or ("parcel" if self.subject_kind == "enterprise" else self.subject_kind)
        counts = counting(self.population)
        mixed = self.which(both.get("when") or "owned_mu > 0 and rented_in_mu > 0")
        apart = self.which(self.population.get("apart"))
        alone = [enterprise.id for enterprise in self.enterprises]
        if counts == "alone":
            if self.subject_kind == "enterprise":
                return alone
            return self.merged_ids(kind, [a or m for a, m in zip(apart, mixed)])
        together = self.merged_ids(kind, apart)
        if self.subject_kind != "enterprise":
            return together
        touched = {subject for subject, m in zip(together, mixed) if m}
        return [subject if subject in touched else id_ for subject, id_ in zip(together, alone)]

    def merged_ids(self, kind: str, alone: list[bool]) -> list[str]:
        if kind == "group":
            codes = [self.get(enterprise, "group_code") for enterprise in self.enterprises]
            return [one.id if away or not code else code for one, away, code in zip(self.enterprises, alone, codes)]
        parcels = [set() if away else set(self.get(one, "parcels")) for one, away in zip(self.enterprises, alone)]
        parts: list[set[str]] = []
        for held in parcels:
            touching = [part for part in parts if part & held]
            parts = [part for part in parts if not part & held] + [held.union(*touching)]
        return [
            min(next(part for part in parts if held <= part)) if held else enterprise.id
            for enterprise, held in zip(self.enterprises, parcels, strict=True)
        ]

    def special(self, subject: Entity) -> Rules:
        """Scope is asked first, then the special cases in order (S11)."""

        def find() -> Rules:
            if not self.holds(subject, self.population.get("scope")):
                return {"treatment": "out"}
            specials = self.population.get("special") or []
            return next((one for one in specials if self.holds(subject, one["when"])), {"treatment": "rated"})

        return self.once(("special", subject), find)

    def treatment(self, subject: Entity) -> str:
        return str(self.special(subject)["treatment"])

    def scored(self, subject: Entity) -> bool:
        return self.treatment(subject) in GRADED

    def cohort(self, subject: Entity) -> str | None:
        return self.once(("cohort", subject), lambda: self.find_cohort(subject))

    def find_cohort(self, subject: Entity) -> str | None:
        treatment = self.treatment(subject)
        if treatment == "out" and not self.special(subject).get("in_base"):
            return None
        cohort_id = next((one["id"] for one in self.cohorts if self.holds(subject, one["when"])), None)
        if cohort_id is None and treatment in (*GRADED, "measured"):
            raise OracleError("no_cohort", subject.id)
        return cohort_id

    @cached_property
    def graded(self) -> list[Entity]:
        return [subject for subject in self.subjects if self.scored(subject)]

    def of_subject(self, subject: Entity, name: str) -> Any:
        if name == "cohort":
            return self.cohort(subject)
        if name == "treatment":
            return self.treatment(subject)
        if name == "subject":
            return subject.id
        if name in ("reason", "managed_as"):
            return self.special(subject).get(name)
        if name == "score":
            return self.score(subject)
        if name in ("rank", "size"):
            value = self.rank(subject) if name == "rank" else self.size(subject)
            return None if value is None else Decimal(value)
        return self.tier_cut(subject) if name == "tier_cut" else self.final(subject)[0]

    # ---------------------------------------------------------------------------------- statistics (S10)

    def statistic_kind(self, one: Rules) -> str:
        kind = EXACT if one["stat"] == "count" else FLOAT
        if one["stat"] in ("sum", "max", "min"):
            kind = self.node(one["of"]).kind
        if "otherwise" in one and self.node(one["otherwise"]).kind == FLOAT:
            return FLOAT
        return kind

    def statistic(self, entity: Entity, name: str) -> Any:
        """The number of the entity's group, else `otherwise`, else missing."""
        value = self.number_of_group(entity, name, self.statistics[name])
        return float(value) if value is not None and self.kind(name) == FLOAT else value

    def number_of_group(self, entity: Entity, name: str, one: Rules) -> Any:
        home = self.past if one.get("year") == "previous" else self
        if one.get("among") == "cohort" and "cohort" not in (one.get("over") or []):
            one = {**one, "over": [*(one.get("over") or []), "cohort"]}
        relation = next((r for r in RELATED if r in (one.get("over") or []) and r not in self.fields), None)
        if relation is not None:
            value = None if home is None else home.number_of_related(entity.id, relation, one)
            return self.eval(entity, one["otherwise"]) if value is None and "otherwise" in one else value
        keys = self.keys(entity, one.get("over") or [])
        value = None
        if home is not None and None not in keys:
            value = home.once(("statistic", name, keys), lambda: home.group_number(one, keys))
        if value is None and "otherwise" in one:
            value = self.eval(entity, one["otherwise"])
        return value

    def benchmark(self, subject: Entity, indicator: str, one: Rules) -> float | None:
        """A benchmark: an algorithm, or what the peers come to in the same indicator, times a number."""
        written = one.get("benchmark")
        if not isinstance(written, dict):
            return self.number(subject, written)
        sides = self.indicators[indicator]
        ratio = written["peers"] == "ratio_of_sums"
        what = {"of": sides["of"], "per": sides["per"]} if ratio else {"of": indicator}
        asked = {k: v for k, v in written.items() if k not in ("peers", "times", "otherwise")} | what
        asked["stat"] = written["peers"]
        whole = {k: v for k, v in asked.items() if k not in ("over", "min_members")}
        key = repr(sorted(written.items(), key=str)) + indicator
        number = self.number_of_group(subject, f"peers {key}", asked)
        if number is None and written.get("otherwise") == "all":
            number = self.number_of_group(subject, f"whole {key}", whole)
        elif number is None and "otherwise" in written:
            number = self.eval(subject, written["otherwise"])
        if number is None:
            return None
        # The statistic is a double of twelve decimals, and so is what comes of it.
        return at12(float(number)) if "times" not in written else at12(float(written["times"]) * float(number))

    def number_of_related(self, asks: str, relation: str, one: Rules) -> Any:
        """The number of those who share a parcel with an enterprise, itself among them; or of those who rent from it.

        Of last year's figures it is last year's parcels and leases.
        """
        me = next((subject for subject in self.subjects if subject.id == asks), None)
        if me is None:
            return None
        others = [name for name in one["over"] if name != relation]
        keys_of_me = set(self.get(me, RELATED[relation]))
        mine = self.keys(me, others)
        if not keys_of_me or None in mine:
            return None
        related = [
            subject
            for subject in (self.subjects if one.get("among") == "all" else self.graded)
            if (keys_of_me & set(self.get(subject, "parcels")) if relation == "parcel" else subject.id in keys_of_me)
            and self.keys(subject, others) == mine
        ]
        return self.number_of(related, {**one, "over": []}, ())

    def group_number(self, one: Rules, keys: tuple[Any, ...]) -> Any:
        members = self.subjects if one.get("among") == "all" else self.graded
        return self.number_of(members, one, keys)

    def number_of(self, among: list[Entity], one: Rules, keys: tuple[Any, ...]) -> Any:
        over, names = one.get("over") or [], [one[key] for key in ("of", "per") if key in one]
        members = [
            [self.eval(subject, name) for name in names]
            for subject in among
            if self.keys(subject, over) == keys and self.holds(subject, one.get("members"))
        ]
        values = [row for row in members if None not in row]
        if len(values) < max(int(one.get("min_members", 1)), 1):
            return None
        number = group_statistic(one, values)
        if number is None or "round" not in one:
            return number
        exactly = half_away(rational(number), int(one["round"]))
        return float(exactly) if isinstance(number, float) else exactly

    # ----------------------------------------------------------------------- indicators and points (7.4)

    def indicator(self, entity: Entity, name: str) -> tuple[float | None, bool]:
        """The value at 12 decimals, and whether the denominator was zero or less."""

        def find() -> tuple[float | None, bool]:
            one = self.indicators[name]
            if "value" in one:
                return self.number(entity, one["value"]), False
            of, per = self.eval(entity, one["of"]), self.eval(entity, one["per"])
            if per is None or comparable(per) <= 0:
                return None, per is not None
            return (None if of is None else at12(float(of) / float(per))), False

        return self.once(("indicator", entity, name), find)

    def weighs(self, subject: Entity, name: str) -> bool:
        return self.scored(subject) and name in self.scored_by(subject)

    def scored_by(self, subject: Entity) -> Rules:
        return self.scoring.get(str(self.cohort(subject))) or {}

    def outcome(self, subject: Entity, name: str) -> Outcome:
        """Which policy acts, or which value goes into the method, against which benchmark (S5, S9)."""
        return self.once(("outcome", subject, name), lambda: self.find_outcome(subject, name))

    def find_outcome(self, subject: Entity, name: str) -> Outcome:
        one = self.scored_by(subject)[name]
        value, zero = self.indicator(subject, name)
        benchmark = self.benchmark(subject, name, one)
        if zero and "zero_denominator" in one:
            return Outcome(one["zero_denominator"], "zero_denominator", name, None, benchmark)
        note, source = None, name
        if value is None:
            fallbacks = one.get("fallback") or []
            for other in [fallbacks] if isinstance(fallbacks, dict) else fallbacks:
                value, source = self.indicator(subject, other["indicator"])[0], other["indicator"]
                if value is not None:
                    benchmark, note = self.benchmark(subject, source, other), f"fallback:{source}"
                    break
            else:
                return Outcome(one.get("missing", "zero"), "missing", name, None, benchmark)
        if one.get("method", "ratio") in ("ratio", "inverse") and (benchmark is None or benchmark <= 0):
            raise OracleError("missing_benchmark", f"{name} of {subject.id} in {self.cohort(subject)}")
        if value < 0 and "negative" in one:
            return Outcome(one["negative"], "negative", source, value, benchmark)
        return Outcome(None, note, source, value, benchmark)

    def weight(self, subject: Entity, name: str) -> float | None:
        """The weight in use: shared out again among what is left; None when nothing is (S7)."""
        weights = {one: Decimal(cfg["weight"]) for one, cfg in self.scored_by(subject).items()}
        left = [one for one in weights if self.outcome(subject, one).policy != "reweight"]
        if len(left) == len(weights):
            return float(weights[name])
        if not left:
            return None
        return float(WIDE.multiply(weights[name], total(weights.values()))) / float(total(weights[one] for one in left))

    def points(self, subject: Entity, name: str) -> tuple[Decimal, str | None]:
        """Rounded points of one indicator and its note."""

        def find() -> tuple[Decimal, str | None]:
            outcome, weight = self.outcome(subject, name), self.weight(subject, name)
            if outcome.policy is None:
                return self.method_points(subject, name)
            if weight is None or outcome.policy in ("zero", "reweight"):
                return self.rounded(0), outcome.note
            return self.policy_points(subject, name, outcome.policy, weight), outcome.note

        return self.once(("points", subject, name), find)

    def policy_points(self, subject: Entity, name: str, policy: Any, weight: float) -> Decimal:
        if isinstance(policy, dict):
            return self.rounded(policy["points"])
        if policy == "full":
            return self.rounded(weight)
        cohort = self.cohort(subject)
        if policy == "cap":
            return self.rounded(weight * float(self.scored_by(subject)[name]["cap"]))
        if policy != "cohort_mean":
            raise OracleError("rules", f"policy {policy}")
        mean = self.once(("mean", cohort, name), lambda: self.cohort_mean(cohort, name))
        most = self.scored_by(subject)[name].get("cap")
        return mean if most is None else min(mean, self.rounded(weight * float(most)))

    def cohort_mean(self, cohort: str | None, name: str) -> Decimal:
        """Of all who have a value, those handled by `negative` too, unless they are given this very mean."""
        peers = [
            one for one in self.graded
            if self.cohort(one) == cohort
            and self.outcome(one, name).value is not None
            and self.outcome(one, name).policy != "cohort_mean"
        ]  # fmt: skip
        points = [self.points(one, name)[0] for one in peers]
        return half_away(
            sum(map(Fraction, points), Fraction()) / len(points) if points else Fraction(), self.places["points"]
        )

    def method_points(self, subject: Entity, name: str) -> tuple[Decimal, str | None]:
        """The method, then the clamp, then the rounding (S5)."""
        one, outcome = self.scored_by(subject)[name], self.outcome(subject, name)
        weight = self.weight(subject, name)
        assert weight is not None
        raw = self.method(subject, one, outcome, weight)
        if raw is None or at12(raw) is None:
            return self.rounded(0), "missing"
        note = outcome.note
        floor, cap = one.get("floor", 0), one.get("cap")
        if floor is not None and units12(raw) < units12(weight * float(floor)):
            raw, note = weight * float(floor), note or "floored"
        elif cap is not None and units12(raw) > units12(weight * float(cap)):
            raw, note = weight * float(cap), note or "capped"
        return self.rounded(raw), note

    def method(self, subject: Entity, one: Rules, outcome: Outcome, w: float) -> float | None:
        """Points before the clamp, doubles in the order S8 writes them."""
        method, v, b = one.get("method", "ratio"), outcome.value, outcome.benchmark
        assert v is not None
        if method == "formula":
            points = self.eval(subject, one["formula"], {"value": v, "benchmark": b, "weight": w})
            return None if points is None else float(points)
        if method == "ratio":
            assert b is not None
            return w * (v / b)
        if method == "inverse":
            assert b is not None
            z = float(one["zero_at"])
            return min(w * ((z - v / b) / z), w)
        if method == "linear":
            return w * linear(v, [(float(x), float(share)) for x, share in one["points"]])
        if method == "steps":
            steps = one["steps"]
            return w * next((float(step["share"]) for step in steps if reaches(v, step["at_least"])), 0.0)
        if method == "percentile":
            values = self.peer_values(subject, outcome.source, ["cohort"])
            return w * (sum(value <= v for value in values) / len(values))
        if method != "minmax":
            raise OracleError("rules", f"method {method}")
        over = one.get("over", ["cohort"])
        keyed = all(self.get(subject, key) is not None for key in over)
        values = self.peer_values(subject, outcome.source, over if keyed else ["cohort"])
        low, high, start = min(values), max(values), float(one.get("start", 0))
        if low == high:
            return w if one.get("flat", "full") == "full" else w * start
        return w * (start + (1 - start) * ((v - low) / (high - low)))

    def peer_values(self, subject: Entity, indicator: str, over: list[str]) -> list[float]:
        """The indicator's values among the graded subjects that share the subject's keys."""
        wanted = self.keys(subject, over)
        values = [self.indicator(one, indicator)[0] for one in self.graded if self.keys(one, over) == wanted]
        return [value for value in values if value is not None]

    def rounded(self, points: Any, what: str = "points") -> Decimal:
        return half_away(rational(Decimal(points) if isinstance(points, int) else points), self.places[what])

    # ----------------------------------------------------------------------- adjustments and score (S12)

    def adjusted(self, subject: Entity) -> tuple[dict[str, Decimal], Decimal]:
        """Rounded points per item, and what items and families bring together."""
        return self.once(("adjusted", subject), lambda: self.find_adjusted(subject))

    def find_adjusted(self, subject: Entity) -> tuple[dict[str, Decimal], Decimal]:
        items, families = self.adjustments.get("items") or [], self.adjustments.get("families") or {}
        points: dict[str, Decimal] = {}
        matched: dict[str, list[Decimal]] = {family: [] for family in families}
        loose: list[Decimal] = []
        for item in items:
            met = self.holds(subject, item.get("when"))
            value = self.eval(subject, item["points"]) if met else None
            points[item["id"]] = self.rounded(0 if value is None else value)
            if met:
                matched.get(str(item.get("family")), loose).append(points[item["id"]])
        for family, one in families.items():
            of_family = matched[family] or [Decimal(0)]
            loose.append(clamped(max(of_family) if one.get("take", "sum") == "highest" else total(of_family), one))
        return points, total(loose)

    def score(self, subject: Entity) -> Decimal | None:
        if not self.scored(subject):
            return None

        def find() -> Decimal:
            points = [self.points(subject, name)[0] for name in self.scored_by(subject)]
            exact = total([*points, self.adjusted(subject)[1]])
            return clamped(self.rounded(exact, "score"), self.adjustments.get("score") or {})

        return self.once(("score", subject), find)

    # ---------------------------------------------------------------------------- cells and ranks (7.5)

    def before(self, subject: Entity) -> Rules | None:
        """The first `before` rule that fixes a rated subject."""
        rules = self.tiers.get("before") or []
        if self.treatment(subject) != "rated":
            return None
        return self.once(
            ("before", subject), lambda: next((one for one in rules if self.holds(subject, one["when"])), None)
        )

    def cell(self, subject: Entity) -> tuple[Any, ...]:
        return self.keys(subject, self.cells)

    def ranked(self, cell: tuple[Any, ...]) -> list[Entity]:
        return self.once(
            ("ranked", cell), lambda: [one for one in self.graded if self.cell(one) == cell and not self.before(one)]
        )

    def entry(self, subject: Entity, per_cohort: Rules) -> Any:
        """The cohort's entry, or `default`; `default` where a cell mixes cohorts (S14)."""
        cohort = self.cohort(subject)
        if "cohort" in self.cells and cohort in per_cohort:
            return per_cohort[cohort]
        return per_cohort["default"]

    def order_keys(self, subject: Entity, by: list[Any]) -> list[tuple[bool, Any, bool]]:
        """Per key: missing or not, the value, ascending or not."""
        keys = []
        for key in map(str, by):
            ascending = key.startswith("-")
            value = comparable(self.eval(subject, key[1:] if ascending else key))
            keys.append((value is None, value, ascending))
        return keys

    def rank_keys(self, subject: Entity) -> list[tuple[bool, Any, bool]]:
        by = self.tiers.get("rank_by") or ["score"]
        entry = self.entry(subject, by) if isinstance(by, dict) else by
        return self.once(("rank_keys", subject), lambda: self.order_keys(subject, entry))

    def rank(self, subject: Entity) -> int | None:
        """1 + the number strictly ahead in the cell."""
        if not self.scored(subject) or self.before(subject):
            return None

        def find() -> int:
            return 1 + self.standing(self.cell(subject)).ahead(self.rank_keys(subject))

        return self.once(("rank", subject), find)

    def standing(self, cell: tuple[Any, ...]) -> Standing:
        return self.once(("standing", cell), lambda: Standing([self.rank_keys(one) for one in self.ranked(cell)]))

    def size(self, subject: Entity) -> int | None:
        return None if self.rank(subject) is None else len(self.ranked(self.cell(subject)))

    def fixed_in_base(self, cell: tuple[Any, ...]) -> list[Rules]:
        def find() -> list[Rules]:
            rules = [self.before(one) for one in self.graded if self.cell(one) == cell]
            return [rule for rule in rules if rule and rule.get("in_base")]

        return self.once(("fixed_in_base", cell), find)

    def base(self, cell: tuple[Any, ...]) -> int:
        """The ranked, plus what `in_base` adds (S14)."""
        return self.once(("base", cell), lambda: self.base_of(cell))

    def base_of(self, cell: tuple[Any, ...]) -> int:
        specials = [one for one in self.subjects if not self.scored(one) and self.special(one).get("in_base")]
        placed = [one for one in specials if "cohort" not in self.cells or self.cohort(one) is not None]
        return len(self.ranked(cell)) + len(self.fixed_in_base(cell)) + sum(self.cell(one) == cell for one in placed)

    # ------------------------------------------------------------------------------------- tiers (7.5)

    def cut(self, subject: Entity) -> Rules:
        return cast(Rules, self.entry(subject, self.tiers["cut"]))

    def better(self, tier: str, than: str) -> bool:
        return self.classes.index(tier) < self.classes.index(than)

    def ladder(self, cut: Rules) -> list[str]:
        named = set(cut.get("shares") or cut.get("thresholds") or [pick["tier"] for pick in cut.get("picks") or []])
        return [tier for tier in self.classes if tier in named | {cut.get("rest")}]

    def share_of(self, cut: Rules, per_cent: Any, base: int) -> int:
        exact = Fraction(per_cent) * base / 100
        how: dict[str, Callable[[Fraction], int]] = {
            "floor": math.floor,
            "ceil": math.ceil,
            "half_up": lambda x: math.floor(x + Fraction(1, 2)),
        }
        return how[str(cut.get("rounding", "half_up"))](exact)

    def cut_tier(self, subject: Entity) -> str:
        cut, cell = self.cut(subject), self.cell(subject)
        if "thresholds" in cut:
            value = self.number(subject, cut.get("by", "score"))
            limits = cut["thresholds"]
            order = [tier for tier in self.ladder(cut) if tier in limits]
            return next((one for one in order if value is not None and reaches(value, limits[one])), str(cut["rest"]))
        if "picks" in cut:
            return self.once(("picks", cell), lambda: self.picked(cut, cell)).get(subject, str(cut["rest"]))
        position = self.rank(subject)
        assert position is not None
        if cut.get("ties", "better") == "worse":
            position = self.standing(cell).not_behind(self.rank_keys(subject))
        fixed, ladder = self.fixed_in_base(cell), self.ladder(cut)
        for tier in ladder:
            taken = sum(not self.better(tier, rule["set"]) for rule in fixed)
            if position <= self.share_of(cut, cut["shares"][tier], self.base(cell)) - taken:
                return tier
        return ladder[-1]

    def picked(self, cut: Rules, cell: tuple[Any, ...]) -> dict[Entity, str]:
        """Picks in order; equals at the limit all go up, none goes down (S15)."""
        tiers: dict[Entity, str] = {}
        for pick in cut["picks"]:
            free = [one for one in self.ranked(cell) if one not in tiers and self.holds(one, pick.get("among"))]
            keys = {one: self.order_keys(one, pick["by"]) if "by" in pick else self.rank_keys(one) for one in free}
            limit = self.share_of(cut, pick["take"], self.base(cell)) if "take" in pick else len(free)
            standing = Standing([keys[one] for one in free])
            for one in free:
                ahead, level = standing.ahead(keys[one]), standing.not_behind(keys[one])
                if (level if self.better(cut["rest"], pick["tier"]) else ahead + 1) <= limit:
                    tiers[one] = pick["tier"]
        return tiers

    def tier_cut(self, subject: Entity) -> str | None:
        """The tier before the `after` rules."""
        if self.treatment(subject) in ("own_tier", "ungraded"):
            return self.special(subject).get("tier")
        if self.treatment(subject) != "rated":
            return None
        rule = self.before(subject)
        return rule["set"] if rule else self.once(("cut", subject), lambda: self.cut_tier(subject))

    def final(self, subject: Entity) -> tuple[str | None, list[str], list[str]]:
        """Tier, rules matched, rules that changed it: each sees the tier the one before left (S16)."""
        return self.once(("final", subject), lambda: self.find_final(subject))

    def find_final(self, subject: Entity) -> tuple[str | None, list[str], list[str]]:
        tier = self.tier_cut(subject)
        if self.treatment(subject) != "rated" or tier is None:
            return tier, [], []
        rule, ladder = self.before(subject), self.ladder(self.cut(subject))
        matched = [rule["id"]] if rule else []
        changed = list(matched)
        for one in self.tiers.get("after") or []:
            if set(one.get("unless") or []) & set(matched) or not self.holds(subject, one["when"], {"tier": tier}):
                continue
            matched.append(one["id"])
            left = self.moved(one, tier, ladder)
            if left != tier:
                changed.append(one["id"])
            tier = left
        return tier, matched, changed

    def moved(self, rule: Rules, tier: str, ladder: list[str]) -> str:
        if "set" in rule:
            return str(rule["set"])
        if tier not in ladder:
            return tier
        if "at_most" in rule:
            return rule["at_most"] if self.better(tier, rule["at_most"]) else tier
        if "at_least" in rule:
            return rule["at_least"] if self.better(rule["at_least"], tier) else tier
        return ladder[min(max(ladder.index(tier) - int(rule["move"]), 0), len(ladder) - 1)]

    # ---------------------------------------------------------------------------------- result (8, S20)

    def verified(self) -> list[Row]:
        """Counts of the rated per cell and tier against the rounded share (S17)."""
        rated = [one for one in self.subjects if self.treatment(one) == "rated"]
        promises = []
        for cell in sorted({self.cell(one) for one in rated}, key=str):
            inside = [one for one in rated if self.cell(one) == cell]
            cut = self.cut(inside[0])
            for tier, limits in (self.tiers.get("verify") or {}).items():
                count = sum(self.final(one)[0] == tier for one in inside)
                bounds = {side: self.share_of(cut, share, self.base(cell)) for side, share in limits.items()}
                holds = bounds.get("min", count) <= count <= bounds.get("max", count)
                promises.append({"cell": cell, "tier": tier, "count": count, **bounds, "holds": holds})
        return promises

    def row(self, entity: Entity) -> Row:
        subject = self.subject_of[entity]
        row: Row = {"subject": subject.id} | ({} if entity is subject else {"credit_code": entity.id})
        if subject.row is not None:
            row["credit_code"] = subject.id
        names = ("cohort", "treatment", "reason", "score", "rank", "size", "tier", "tier_cut", "managed_as")
        row |= {name: self.get(subject, name) for name in names}
        row |= {name: None if row[name] is None else int(row[name]) for name in ("rank", "size")}
        _, row["rules_matched"], row["rules_changed"] = self.final(subject)
        for name in self.indicators:
            weighs = self.weighs(subject, name)
            row[name] = self.get(entity, name)
            row[f"{name}_benchmark"] = self.get(subject, f"{name}_benchmark")
            row[f"{name}_points"], row[f"{name}_note"] = self.points(subject, name) if weighs else (None, None)
        for item in self.adjustments.get("items") or []:
            row[f"adj_{item['id']}"] = self.get(subject, f"adj_{item['id']}")
        return row | {name: self.get(entity, name) for name in self.statistics}

    def sorted(self, rows: Iterable[Row]) -> list[Row]:
        order = [one["id"] for one in self.cohorts]
        return sorted(
            rows,
            key=lambda row: (
                order.index(row["cohort"]) if row["cohort"] else len(order),
                row["rank"] if row["rank"] is not None else math.inf,
                row["subject"],
                row.get("credit_code", ""),
            ),
        )

    def result(self) -> Result:
        subjects = self.sorted(map(self.row, self.subjects))
        if self.area_key is not None:
            return Result([row | {"credit_code": row["subject"]} for row in subjects], subjects, self.verified())
        return Result(self.sorted(map(self.row, self.enterprises)), subjects, self.verified())


# ------------------------------------------------------------------------------------------------ free functions


def plainly(cohort: str, scoring: Rules) -> Rules:
    """A cohort's indicators with their own weights: those of the cohort it is like, and parts of groups in points."""
    written = dict(scoring[cohort])
    items = plainly(written.pop("same_as"), scoring) if "same_as" in written else {}
    for group in (written.pop("groups", None) or {}).values():
        for name, item in group["items"].items():
            items[name] = {**item, "weight": Decimal(group["weight"]) * Decimal(item["weight"]) / 100}
    for name, item in written.items():
        items[name] = {**items.get(name, {}), **item} if isinstance(item, dict) else item
    return items


def peers_in(scoring: Rules) -> list[Rules]:
    """Every benchmark that is a statistic of peers."""
    items = [item for one in scoring.values() for item in one.values() if isinstance(item, dict)]
    several = [[item, *([f] if isinstance(f := item.get("fallback") or [], dict) else f)] for item in items]
    benchmarks = [one.get("benchmark") for many in several for one in many]
    return [one for one in benchmarks if isinstance(one, dict)]


def total(values: Iterable[Decimal]) -> Decimal:
    result = Decimal(0)
    for value in values:
        result = WIDE.add(result, value)
    return result


def exact_sum(values: list[Any]) -> Any:
    """Decimals exactly; floats at 12 decimals, exactly, and a float again (section 4, rule 4)."""
    return total(values) if isinstance(values[0], Decimal) else as_number(sum(map(rational, values), Fraction()))


def clamped(value: Decimal, limits: Rules) -> Decimal:
    low, high = limits.get("min"), limits.get("max")
    value = value if low is None else max(value, Decimal(low))
    return value if high is None else min(value, Decimal(high))


def is_within(number: float, low: str, up_to: str) -> bool:
    """From `low` on, up to but without `up_to`; an empty cell is no bound."""
    return (not low or units12(number) >= units12(float(low))) and (
        not up_to or units12(number) < units12(float(up_to))
    )


def is_number(cell: str) -> bool:
    return cell.lstrip("-").replace(".", "", 1).isdecimal()


def reaches(value: float, limit: Any) -> bool:
    return units12(value) >= units12(float(limit))


def linear(v: float, points: list[tuple[float, float]]) -> float:
    """The share between given values, clamped at both ends."""
    if v <= points[0][0]:
        return points[0][1]
    for (x0, s0), (x1, s1) in pairwise(points):
        if v <= x1:
            return s0 + (s1 - s0) * ((v - x0) / (x1 - x0))
    return points[-1][1]


def quantile(values: list[Fraction], q: Fraction, interpolation: str) -> Fraction:
    """h = (n − 1) q; linear, lower, higher, nearest (half up) or midpoint, exactly (S10)."""
    values = sorted(values)
    h = (len(values) - 1) * q
    low, high = values[math.floor(h)], values[math.ceil(h)]
    if interpolation == "nearest":
        return values[math.floor(h + Fraction(1, 2))]
    share = {"linear": h - math.floor(h), "lower": Fraction(0), "higher": Fraction(1), "midpoint": Fraction(1, 2)}
    return low + (high - low) * share[interpolation]


def group_statistic(one: Rules, rows: list[list[Any]]) -> Any:
    """One number of the members that have a value; None where the sum below the line is not positive."""
    stat = one["stat"]
    if stat == "count":
        return Decimal(len(rows))
    columns = list(zip(*rows))
    if stat in ("mean", "sum", "ratio_of_sums") and any(
        isinstance(value, float) and abs(value) > 1e15 for row in rows for value in row
    ):
        raise OracleError("too_large", "a value to be averaged is beyond 1e15")
    first = list(columns[0])
    if stat in ("max", "min"):
        return comparable((max if stat == "max" else min)(first))
    if stat == "sum":
        return exact_sum(first)
    numbers = [rational(value) for value in first]
    if stat == "mean":
        return as_number(sum(numbers, Fraction()) / len(numbers))
    if stat == "ratio_of_sums":
        below = sum(map(rational, columns[1]), Fraction())
        return at12(float(sum(numbers, Fraction())) / float(below)) if below > 0 else None
    q = Fraction(1, 2) if stat == "median" else Fraction(one["q"])
    return as_number(quantile(numbers, q, one.get("interpolation", "linear")))


def counting(population: Rules) -> str | None:
    """Which result counts of the firms that are rated both ways."""
    both = population.get("both")
    if not both:
        return None
    way = None if both is True else both.get("counts")
    return str(way or ("alone" if (population.get("subject") or "enterprise") == "enterprise" else "merged"))


def other_way(rules: Rules) -> Rules:
    """The same rules with the other result counting: what is shown beside the one that counts."""
    population = rules["population"]
    both = {} if population["both"] is True else population["both"]
    flipped = {**both, "counts": "merged" if counting(population) == "alone" else "alone"}
    return {**rules, "population": {**population, "both": flipped}}
