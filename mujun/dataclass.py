"""The `dataclass` of the standard library, whose methods are written when they are first asked for.

The standard one writes six methods of each class as text and compiles them while its module is read: a command that
reads 250 classes waited an eighth of a second for methods of which it called few. Here the standard library gathers
the fields, so that `fields`, `replace`, `asdict` and `match` know the class; what it would have written stands in the
class as soon as somebody asks for it. For the type checker it is the standard one.
"""

from __future__ import annotations

import dataclasses
import sys
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(cls=None, /, *, frozen=False, order=False):
        """As `dataclasses.dataclass`, with those of its settings that are used in this house."""
        return _made(cls, frozen, order) if cls is not None else lambda cls: _made(cls, frozen, order)


_ORDER = {"__lt__": "<", "__le__": "<=", "__gt__": ">", "__ge__": ">="}


def _made(cls: type, frozen: bool, order: bool) -> type:
    """The class with its fields gathered and its methods to be written; a method of its own stays."""
    if not cls.__doc__:  # the standard library would look for the signature, and so have `__init__` written
        cls.__doc__ = cls.__name__
    # Whether a class may inherit from another is judged there; for a frozen heir it writes two methods at once.
    heir = frozen and any(hasattr(base, "__dataclass_fields__") for base in cls.__bases__)
    dataclasses.dataclass(init=False, repr=False, eq=False, frozen=heir)(cls)
    settings = cls.__dataclass_params__  # type: ignore[attr-defined]
    settings.init = settings.repr = settings.eq = True
    settings.frozen, settings.order = frozen, order
    own = cls.__dict__
    if own.get("__hash__") is None and ("__eq__" in own or "__hash__" not in own):
        cls.__hash__ = _ToBeWritten(cls, "__hash__", frozen) if frozen else None  # type: ignore[assignment]
    for name in ("__init__", "__repr__", "__eq__"):
        if name not in own:
            setattr(cls, name, _ToBeWritten(cls, name, frozen))
    for name in _ORDER if order else ():
        setattr(cls, name, _ToBeWritten(cls, name, frozen))
    if frozen and not heir:
        cls.__setattr__ = _not_assigned  # type: ignore[assignment]
        cls.__delattr__ = _not_deleted  # type: ignore[assignment]
    return cls


def _is_kept(thing: Any, name: str) -> bool:
    # A class that is made from a frozen one, and is none itself, may keep more.
    return "__dataclass_fields__" in type(thing).__dict__ or name in thing.__dataclass_fields__


def _not_assigned(self: object, name: str, value: object) -> None:
    if _is_kept(self, name):
        raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")
    object.__setattr__(self, name, value)


def _not_deleted(self: object, name: str) -> None:
    if _is_kept(self, name):
        raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")
    object.__delattr__(self, name)


class _ToBeWritten:
    """A method that takes its own place in the class when it is first asked for."""

    def __init__(self, of: type, name: str, frozen: bool) -> None:
        self.of, self.name, self.frozen = of, name, frozen

    def __get__(self, thing: object, owner: type) -> Any:
        method = _init(self.of, self.frozen) if self.name == "__init__" else _of_values(self.of, self.name)
        method.__qualname__ = f"{self.of.__qualname__}.{self.name}"
        setattr(self.of, self.name, method)
        return method if thing is None else method.__get__(thing, owner)


class _Factory:
    """Stands for a default that is made anew for each thing, as a signature shows it."""

    def __repr__(self) -> str:
        return "<factory>"


_ANEW = _Factory()


def _init(cls: Any, frozen: bool) -> Any:
    """`__init__`: what is given or stands as default is kept in the order of the fields."""
    names: dict[str, object] = {"_keep": object.__setattr__, "_anew": _ANEW}
    arguments: dict[bool, list[str]] = {False: [], True: []}
    lines = []
    for f in dataclasses.fields(cls):
        value, default = f.name, ""
        if f.default_factory is not dataclasses.MISSING:
            names[f"_make_{f.name}"], default = f.default_factory, "=_anew"
            value = f"_make_{f.name}() if {f.name} is _anew else {f.name}" if f.init else f"_make_{f.name}()"
        elif f.default is not dataclasses.MISSING:
            names[f"_of_{f.name}"], default = f.default, f"=_of_{f.name}"
        if f.init:
            arguments[bool(f.kw_only)].append(f.name + default)
        elif f.default_factory is dataclasses.MISSING:
            continue  # `__post_init__` keeps it, or it stands in the class
        lines.append(f"_keep(self, {f.name!r}, {value})" if frozen else f"self.{f.name} = {value}")
    if hasattr(cls, "__post_init__"):
        lines.append("self.__post_init__()")
    keywords = ["*", *arguments[True]] if arguments[True] else []
    method = _written(cls, "__init__", ["self", *arguments[False], *keywords], lines or ["pass"], names)
    method.__annotations__ = {f.name: f.type for f in dataclasses.fields(cls) if f.init} | {"return": None}
    return method


def _of_values(cls: Any, name: str) -> Any:
    """A method that says or compares the values of the fields."""
    fields = dataclasses.fields(cls)
    if name == "__repr__":
        said = ", ".join(f"{f.name}={{self.{f.name}!r}}" for f in fields if f.repr)
        return recursive_repr()(
            _written(cls, name, ["self"], [f'return f"{{self.__class__.__qualname__}}({said})"'], {})
        )
    compared = [f.name for f in fields if (f.compare if f.hash is None or name != "__hash__" else f.hash)]
    mine, others = ("(" + "".join(f"{thing}.{n}, " for n in compared) + ")" for thing in ("self", "other"))
    if name == "__hash__":
        return _written(cls, name, ["self"], [f"return hash({mine})"], {})
    lines = [
        "if other.__class__ is self.__class__:",
        f" return {mine} {_ORDER.get(name, '==')} {others}",
        "return NotImplemented",
    ]
    return _written(cls, name, ["self", "other"], lines, {})


def _written(cls: type, name: str, arguments: list[str], lines: list[str], names: dict[str, object]) -> Any:
    """A function of the class's module that knows some names more."""
    body = "".join(f"\n  {line}" for line in lines)
    text = f"def around({', '.join(names)}):\n def {name}({', '.join(arguments)}):{body}\n return {name}"
    made: dict[str, Any] = {}
    exec(text, vars(sys.modules[cls.__module__]), made)  # noqa: S102
    return made["around"](**names)
