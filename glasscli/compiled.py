"""Kernels that Numba compiles: when they are first called, so that nothing waits for Numba which calls none."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any


def njit(**options: Any) -> Any:
    """`numba.njit` with these options and a cache of what it compiles, where there is a place for one."""
    return lambda function: Kernel(function, options)


class Kernel:
    """A function that is compiled when it is first called, or when another kernel that calls it is."""

    def __init__(self, function: Callable[..., Any], options: dict[str, Any]) -> None:
        self._function, self._options = function, options
        self.__doc__, self.__name__ = function.__doc__, function.__name__

    @cached_property
    def dispatcher(self) -> Any:
        """Numba's own."""
        from glasscli.compiling import compiled  # Numba takes its time to load

        # Numba looks up what a kernel calls among the names of its module, and has to find its own there.
        names = self._function.__globals__
        for name in self._function.__code__.co_names:
            if isinstance(found := names.get(name), Kernel):
                names[name] = found.dispatcher
        return compiled(self._function, self._options)

    def __call__(self, *values: Any) -> Any:
        """What the function says of values, by machine code."""
        return self.dispatcher(*values)

    def __getattr__(self, name: str) -> Any:
        """What else Numba's has: py_func, stats."""
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.dispatcher, name)
