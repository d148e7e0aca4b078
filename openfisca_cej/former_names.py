"""What variables were called: a document or a file that uses an old name is told the new one."""

from typing import NamedTuple


class Renamed(NamedTuple):
    """The name that replaced another, and the first version that has it."""

    new: str
    since: str


#: By former name. A name stays here for as long as files that use it may come.
FORMER_NAMES = {
    "cej_situation_fiscale_foyer": Renamed("cej_situation_fiscale_rattachement", "2.0.0"),
}
