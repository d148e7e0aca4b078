"""What the law says of its variables, besides how they are computed: every tool reads it here.

An input has a question; a condition of the allowance has a label and says when it is met; a value
has a line that tells how it was found. All are declared in ``variables/``, beside the rules.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from openfisca_core.periods import Period

#: How the value of each computed variable is told, by name of variable: see ``calcul``.
CALCULS: dict[str, Callable[[Any], Any]] = {}


def calcul(*variables):
    """Record that the function declared below tells the value of these variables for one person.

    ``ligne(cas)`` writes in French what the formula did, with the numbers in it: an arithmetic
    expression for a number (digits, ``+ − × ÷``, parentheses, ``max(… ; …)``, ``min(… ; …)``),
    a sentence for anything else; or a pair, to which a comment is added. ``cas`` is what the
    explanation knows of the person and of the period (``openfisca_cej.explain.lines.Cas``).
    """

    def enregistrer(ligne):
        CALCULS.update({variable.__name__: ligne for variable in variables})
        return ligne

    return enregistrer


#: Names of the months, as a question says them.
MOIS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)


@dataclass(frozen=True)
class Question:
    """What to ask for an input: a sentence and, in ``aide``, where the answer is found.

    ``{mois}`` or ``{annee}`` stand for the period that the answer is about. ``essais`` are the
    values that show all that an answer can do, where the type and the unit of the input do not
    tell them (a date, a number): without them, nothing is certain while it is not known.
    """

    texte: str
    aide: str = ""
    essais: tuple[Any, ...] = ()

    def sur(self, period: Period) -> "Question":
        """The same question about a period: « en mars 2025 », « pour 2024 »."""
        annee, mois, _ = period.start
        valeurs = {"mois": f"{MOIS[mois - 1]} {annee}", "annee": annee}
        return Question(self.texte.format(**valeurs), self.aide.format(**valeurs), self.essais)


#: The question of each input, by name of variable: core refuses attributes that it does not know.
QUESTIONS: dict[str, Question] = {}


def question(texte, aide="", essais=()):
    """Record the question of the input variable declared below, left unchanged."""

    def enregistrer(variable):
        QUESTIONS[variable.__name__] = Question(texte, aide, tuple(essais))
        return variable

    return enregistrer


#: Who must meet a condition: whoever signs, whoever has a contract, whoever is paid.
SIGNATURE, CONTRAT, VERSEMENT = "signature", "contrat", "versement"


@dataclass(frozen=True)
class Condition:
    """A condition of the allowance: how it is called, who must meet it, in which order it is told.

    It is met by the value ``remplie``, or by any but ``sauf`` where that is given; ``temps`` says
    that time alone changes it.
    """

    libelle: str
    qui: str
    rang: int
    remplie: Any = True
    sauf: Any = None
    temps: bool = False


#: The conditions of the allowance, by name of variable.
CONDITIONS: dict[str, Condition] = {}


def condition(libelle, qui, rang, **quand):
    """Record the condition that the variable declared below is, left unchanged."""

    def enregistrer(variable):
        CONDITIONS[variable.__name__] = Condition(libelle, qui, rang, **quand)
        return variable

    return enregistrer
