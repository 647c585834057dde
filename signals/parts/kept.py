"""Parts of a Board that stay the same object from one moment to the next while nothing they rest on changes."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from ..inputs import Inputs, Moment

T = TypeVar("T")


class Kept(Generic[T]):
    """One value for each name, that of the last moment asked for. Half of all series bring something new once a week or once a month."""

    def __init__(self, inputs: Inputs) -> None:
        self._inputs = inputs
        self._held: dict[str, tuple[tuple[object, ...], T]] = {}

    def __call__(self, name: str, series: Sequence[str], moment: Moment, make: Callable[[], T], *beside: object) -> T:
        """The value under a name, made anew when there is something new.

        Args:
            series: all that `make` asks the inputs for: their observations known and their statuses make it the same value or another.
            beside: what else it depends on.
        """
        now = (*beside, *self._inputs.found(series, moment))
        held = self._held.get(name)
        if held is not None and held[0] == now:
            return held[1]
        value = make()
        self._held[name] = now, value
        return value
