"""What is too small to publish, and what else must be hidden so that it cannot be deduced."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

Cell = TypeVar("Cell", bound=Hashable)


def hidden(
    supports: Mapping[Cell, Sequence[int]],
    relations: Iterable[Sequence[Cell]],
    smallest: int,
    followers: Mapping[Cell, Cell],
) -> set[Cell]:
    """The cells to mask.

    ``supports`` has, for each cell, numbers of persons that its values rest on: any of them from 1
    to ``smallest`` − 1 masks it. Each relation is a sum: its parts, then their total. Where the
    total is shown, the parts that are masked must be two at least and rest on ``smallest`` persons
    together; where it is not, one part at least must be masked. Otherwise they could be deduced:
    the cell of fewest persons is masked too, until nothing can be. Nil cells stay. A cell that is
    masked takes its follower with it.
    """
    masked = {
        cell
        for cell, numbers in supports.items()
        if any(0 < number < smallest for number in numbers)
    }
    masked |= {followers[cell] for cell in masked if cell in followers}
    weight = {
        cell: min((number for number in numbers if number), default=0)
        for cell, numbers in supports.items()
    }
    lines = [list(relation) for relation in relations]
    changed = bool(masked)
    while changed:
        changed = False
        for line in lines:
            *parts, total = line
            inside = [cell for cell in parts if cell in masked]
            left = [cell for cell in line if cell not in masked and weight[cell]]
            if total in masked:
                safe = bool(inside)
            else:
                known = sum(weight[cell] for cell in inside)
                safe = not inside or (len(inside) > 1 and known >= smallest)
            if safe or not left:
                continue
            added = min(left, key=lambda cell: weight[cell])
            masked |= {added, followers.get(added, added)}
            changed = True
    return masked
