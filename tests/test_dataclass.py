"""The house's `dataclass` makes what the standard one makes; only later."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
import typing
from collections.abc import Callable, Hashable
from dataclasses import FrozenInstanceError, field
from functools import cached_property
from typing import Any, ClassVar, Generic, TypeVar

import pytest

from mujun import dataclass as ours

T = TypeVar("T")
Decorator = Any
"""The standard decorator or ours: the type checker takes them for the same, and the classes are made twice."""


def plain(dataclass: Decorator) -> type:
    @dataclass
    class Shape:
        a: int
        b: str = "b"
        c: list[int] = field(default_factory=list)

    return Shape


def frozen(dataclass: Decorator) -> type:
    @dataclass(frozen=True)
    class Shape:
        a: int
        b: str = "b"
        c: tuple[int, ...] = field(default_factory=tuple)

    return Shape


def hidden(dataclass: Decorator) -> type:
    @dataclass(frozen=True)
    class Shape:
        a: float
        b: object = field(default=None, repr=False)
        c: object = field(default="c", compare=False)
        d: object = field(default=0, hash=False)

    return Shape


def ordered(dataclass: Decorator) -> type:
    @dataclass(frozen=True, order=True)
    class Shape:
        a: int
        b: int = 0

    return Shape


def ordered_and_open(dataclass: Decorator) -> type:
    @dataclass(order=True)
    class Shape:
        a: int
        b: int = 0

    return Shape


def by_keyword(dataclass: Decorator) -> type:
    @dataclass(frozen=True)
    class Shape:
        a: int
        b: int = field(default=2, kw_only=True)
        c: int = field(kw_only=True, default_factory=lambda: 3)
        d: int = 4

    return Shape


def not_given(dataclass: Decorator) -> type:
    @dataclass(frozen=True)
    class Shape:
        a: int
        b: list[int] = field(init=False, default_factory=list)
        c: int = field(init=False, default=7)
        d: int = field(init=False)

        def __post_init__(self) -> None:
            object.__setattr__(self, "d", self.a + 1)

    return Shape


def with_its_own(dataclass: Decorator) -> type:
    @dataclass(frozen=True)
    class Shape:
        a: int
        b: ClassVar[int] = 5

        def __repr__(self) -> str:
            return "mine"

        def __eq__(self, other: object) -> bool:
            return True

        @cached_property
        def twice(self) -> int:
            return 2 * self.a

    return Shape


def hashed_by_itself(dataclass: Decorator) -> type:
    @dataclass
    class Shape:
        a: int

        def __hash__(self) -> int:
            return 1

    return Shape


def never_hashed(dataclass: Decorator) -> type:
    @dataclass(frozen=True)
    class Shape:
        a: int
        __hash__ = None  # type: ignore[assignment]

    return Shape


def made_by_itself(dataclass: Decorator) -> type:
    @dataclass
    class Shape:
        a: int
        b: int = 1

        def __init__(self, a: int) -> None:
            self.a = 10 * a

    return Shape


def empty(dataclass: Decorator) -> type:
    @dataclass(frozen=True)
    class Shape:
        pass

    return Shape


def inherited(dataclass: Decorator) -> type:
    @dataclass(frozen=True)
    class Base:
        a: int
        b: int = 2

        def total(self) -> int:
            return self.a + self.b

    @dataclass(frozen=True)
    class Shape(Base):
        c: int = 3
        b: int = 4

        def total(self) -> int:
            return super().total() + self.c

    return Shape


def further(dataclass: Decorator) -> type:
    @dataclass(frozen=True)
    class Base(Generic[T]):
        a: T

    class Shape(Base[int]):
        """No dataclass itself: it may keep more."""

        def __init__(self, a: int) -> None:
            super().__init__(a)
            self.more = a

    return Shape


SHAPES = (
    plain, frozen, hidden, ordered, ordered_and_open, by_keyword, not_given, with_its_own, hashed_by_itself,
    never_hashed, made_by_itself, empty, inherited, further,
)  # fmt: skip

GIVEN: tuple[tuple[tuple[Any, ...], dict[str, Any]], ...] = (
    ((), {}), ((1,), {}), ((2,), {}), ((1, 2), {}), ((1, 2, 3), {}), ((1, 2, 3, 4), {}), ((1, 2, 3, 4, 5), {}),
    ((1,), {"a": 1}), ((), {"a": 1, "b": [2]}), ((1,), {"c": 9}), ((1,), {"unheard": 1}),
)  # fmt: skip


def told(do: Callable[[], Any]) -> Any:
    """What comes of it: the result, or the error and what it says."""
    try:
        return do()
    except (TypeError, AttributeError, ValueError) as error:
        return type(error), str(error)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("given", GIVEN, ids=str)
def test_what_is_made_says_compares_and_hashes_itself_as_the_standard_one(
    shape: Callable[[Decorator], type], given: tuple[tuple[Any, ...], dict[str, Any]]
) -> None:
    places, words = given

    def about(cls: Any) -> list[object]:
        made = told(lambda: cls(*places, **words))
        if isinstance(made, tuple):
            return [made]
        others = [x for p, w in GIVEN if not isinstance(x := told(lambda: cls(*p, **w)), tuple)]  # noqa: B023
        comparing = [
            (told(lambda: made == o), told(lambda: made < o), told(lambda: made <= o), told(lambda: made > o))  # noqa: B023
            for o in [made, copy.copy(made), *others, 1]
        ]
        return [
            repr(made), vars(made), comparing, told(lambda: hash(made) == hash(copy.copy(made))),
            told(lambda: hash(made)), isinstance(made, Hashable), told(lambda: dataclasses.asdict(made)),
            told(lambda: repr(dataclasses.replace(made, a=8))), repr(copy.deepcopy(made)),
            told(lambda: setattr(made, "a", 3)), told(lambda: setattr(made, "unheard", 3)),
            told(lambda: delattr(made, "a")), told(lambda: delattr(made, "more")), vars(made),
        ]  # fmt: skip

    assert str(about(shape(ours.dataclass))) == str(about(shape(dataclasses.dataclass)))


@pytest.mark.parametrize("shape", SHAPES)
def test_a_class_tells_of_itself_what_the_standard_one_tells(shape: Callable[[Decorator], type]) -> None:
    def about(cls: Any) -> object:
        init = cls.__init__
        return (
            str(inspect.signature(cls)), cls.__match_args__,
            [(f.name, f.type, f.default, f.kw_only) for f in dataclasses.fields(cls)],
            str(cls.__dataclass_params__), dataclasses.is_dataclass(cls), typing.get_type_hints(init),
            init.__qualname__, init.__module__,
            cls.__repr__.__name__, cls.__eq__.__qualname__,
        )  # fmt: skip

    assert about(shape(ours.dataclass)) == about(shape(dataclasses.dataclass))


@ours.dataclass(frozen=True)
class Leaf:
    """At the head of a module, for pickling."""

    a: int
    b: object = None


@ours.dataclass
class Branch:
    """Holds itself."""

    within: list[object] = field(default_factory=list)


def test_pickled_and_matched() -> None:
    back = pickle.loads(pickle.dumps(Leaf(1, Leaf(2))))
    assert back == Leaf(1, Leaf(2))
    match back:
        case Leaf(1, Leaf(a=seen)):
            assert seen == 2
        case _:
            pytest.fail("not matched")


def test_what_is_only_unpickled_compares_hashes_and_stays_frozen() -> None:
    """Nobody has asked for the methods of a class when its first thing comes out of a pickle."""

    @ours.dataclass(frozen=True)
    class Found:
        a: int

    one, other = (object.__new__(Found) for _ in "ab")
    for found in (one, other):
        vars(found)["a"] = 1
    assert one == other
    assert hash(one) == hash(other)
    with pytest.raises(FrozenInstanceError):
        one.a = 2  # type: ignore[misc]


def test_what_holds_itself_says_so_once() -> None:
    branch = Branch()
    branch.within.append(branch)
    assert repr(branch) == "Branch(within=[...])"


def test_two_of_different_classes_are_different() -> None:
    @ours.dataclass(frozen=True)
    class Other(Leaf):
        pass

    assert Other(1) != Leaf(1)
    assert Other(1) == Other(1)


def test_values_are_compared_as_tuples_whatever_the_python() -> None:
    """From 3.13 on the standard one compares value by value, and what holds a NaN is no longer equal to itself."""
    nan = float("nan")
    assert Leaf(1, nan) == Leaf(1, nan)


def test_either_inherits_from_the_other_where_it_may() -> None:
    @dataclasses.dataclass(frozen=True)
    class Standard(Leaf):
        c: int = 3

    @ours.dataclass(frozen=True)
    class Again(Standard):
        d: int = 4

    assert str(Again(1)).endswith("Again(a=1, b=None, c=3, d=4)")
    with pytest.raises(FrozenInstanceError):
        Again(1).d = 5  # type: ignore[misc]
    with pytest.raises(TypeError, match="cannot inherit non-frozen dataclass from a frozen one"):
        ours.dataclass(type("Open", (Leaf,), {}))
    with pytest.raises(TypeError, match="cannot inherit frozen dataclass from a non-frozen one"):
        ours.dataclass(frozen=True)(type("Closed", (Branch,), {}))


def test_a_method_is_written_once_and_only_when_asked_for() -> None:
    @ours.dataclass(frozen=True)
    class Seldom:
        a: int

    assert not inspect.isfunction(vars(Seldom)["__init__"])
    Seldom(1)
    written = vars(Seldom)["__init__"]
    Seldom(2)
    assert vars(Seldom)["__init__"] is written
    assert not inspect.isfunction(vars(Seldom)["__eq__"])


def test_the_type_checker_takes_it_for_the_standard_one() -> None:
    """mypy, strict, would call an exception superfluous where it sees nothing wrong."""
    with pytest.raises(TypeError):
        Leaf()  # type: ignore[call-arg]
    with pytest.raises(FrozenInstanceError):
        Leaf(1).a = 2  # type: ignore[misc]
    Leaf("1")  # type: ignore[arg-type]
