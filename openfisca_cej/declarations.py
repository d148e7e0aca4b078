"""What the law says of its variables, besides how they are computed: every tool reads it here.

An input has a question; a condition of the allowance has a label and says when it is met; a value
has a line that tells how it was found. All are declared in ``variables/``, beside the rules.
"""

import dataclasses
import functools
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy
from numpy.lib.mixins import NDArrayOperatorsMixin
from openfisca_core.periods import Period

from openfisca_cej.french import MOIS


def inscrire(registre: dict[str, Any], ce_qui_est_dit: Any) -> Callable[[Any], Any]:
    """Record in a registry what is said of the variable declared below, left unchanged."""

    def enregistrer(variable: Any) -> Any:
        registre[variable.__name__] = ce_qui_est_dit
        return variable

    return enregistrer


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


#: How a change of value from one month to the next is told, and in which order: see ``changement``.
CHANGEMENTS: dict[str, tuple[int, Callable[[Any, Any], str]]] = {}


def changement(variable, rang):
    """Record that the function declared below tells a change of the variable between two months.

    ``phrase(cas, avant)`` is empty where there is nothing to tell; ``cas`` is that of the month of
    the new value, ``avant`` the value of the month before.
    """

    def enregistrer(phrase):
        CHANGEMENTS[variable.__name__] = rang, phrase
        return phrase

    return enregistrer


def debut_ou_fin(debut, fin):
    """Tells that something begins, and why, or ends."""
    return lambda cas, avant: f"{debut} : {cas.pourquoi()}" if cas.resultat else fin


#: How tightly each operation holds what it is written with.
SOMME, PRODUIT, NOMBRE = 1, 2, 3


class Ecrite(NDArrayOperatorsMixin):
    """A number that a rule computes with, as text: each operation writes itself as it is done.

    A function of the law that takes arrays takes these too, and gives its own arithmetic. With
    ``valeur`` known, what is ``nul`` is left out, and so is the ``max`` of what is positive.
    """

    signes = {
        numpy.add: (" + ", SOMME),
        numpy.subtract: (" − ", SOMME),
        numpy.multiply: (" × ", PRODUIT),
        numpy.divide: (" ÷ ", PRODUIT),
    }
    plus_grand = "max({} ; {})"

    def __init__(self, texte, valeur=None, nul=False, lien=NOMBRE) -> None:
        self.texte, self.valeur, self.nul, self.lien = texte, valeur, nul, lien

    def __array_ufunc__(self, fonction, methode, *operandes, out=None):
        lues = [self.lue(operande) for operande in operandes]
        ecrire = self.maximum if fonction is numpy.maximum else self.operation
        ecrite = ecrire(fonction, *lues)
        if out is None:
            return ecrite
        vars(out[0]).update(vars(ecrite))
        return out[0]

    def lue(self, nombre):
        """A number in the form of the others: written, a nought of the rule is a nil amount."""
        if isinstance(nombre, Ecrite):
            return nombre
        return type(self)(f"{nombre:g}".replace(".", ","), nombre, nul=nombre == 0)

    def maximum(self, _, gauche, droite):
        """The larger of two; once known, the one that is, if it is not the nought of the rule."""
        connue = gauche.valeur is not None and droite.valeur is not None
        if connue and (gauche.valeur > droite.valeur or gauche.lien == NOMBRE):
            return type(self)(gauche.texte, gauche.valeur, gauche.nul, gauche.lien)
        texte = self.plus_grand.format(gauche.texte, droite.texte)
        return type(self)(texte, droite.valeur if connue else None, connue and droite.nul)

    def operation(self, fonction, gauche, droite):
        """Two numbers and a sign, in parentheses where it does not hold them by itself."""
        signe, lien = self.signes[fonction]
        nul = lien == PRODUIT and (gauche.nul or droite.nul)
        if lien == SOMME and droite.nul:
            return type(self)(gauche.texte, gauche.valeur, gauche.nul, gauche.lien)
        # What is subtracted or divided by keeps its parentheses where a first term needs none.
        tenue = lien + (fonction in (numpy.subtract, numpy.divide))
        texte = signe.join((gauche.entre(lien), droite.entre(tenue)))
        connues = None not in (gauche.valeur, droite.valeur)
        valeur = fonction(gauche.valeur, droite.valeur) if connues else None
        return type(self)(texte, valeur, nul, lien)

    def entre(self, lien):
        """The text, in parentheses where it holds less than that."""
        return f"({self.texte})" if self.lien < lien else self.texte


#: The groups of the resources in a list, in the order in which they are shown.
CHOMAGE, FORMATION, TRAVAIL = "Chômage", "Formation", "Autre travail"
ARRET, SERVICE = "Arrêt de travail et congés", "Service civique, armée, EPIDE"
INSERTION = "Insertion et contrats aidés"
THEMES = (CHOMAGE, FORMATION, TRAVAIL, ARRET, SERVICE, INSERTION)


#: The verbs of the questions about a month that is over, and those of one that is to come.
A_VENIR = (
    ("avez-vous reçue?s?", "recevrez-vous"),
    ("a-t-elle reçue?s?", "recevra-t-elle"),
    ("avez-vous encaissé(es)?", "encaisserez-vous"),
    ("avez-vous consacrées", "consacrerez-vous"),
    ("avez-vous tiré", "tirerez-vous"),
    ("vous a-t-elle versé", "vous versera-t-elle"),
    ("vous a-t-il versé", "vous versera-t-il"),
    ("vous a-t-elle laissé(.*) était", r"vous laissera-t-elle\1 est"),
    ("a-t-il décidé", "décidera-t-il"),
    ("a-t-elle pris effet", "prendra-t-elle effet"),
    ("a pris effet", "prendra effet"),
    ("a-t-elle été versée", "sera-t-elle versée"),
    ("Aviez-vous", "Aurez-vous"),
    ("aviez-vous", "aurez-vous"),
    ("Étiez-vous", "Serez-vous"),
    ("Suiviez-vous", "Suivrez-vous"),
    ("Rencontriez-vous", "Rencontrerez-vous"),
    ("prévoyait-il", "prévoira-t-il"),
    ("abaissait-il", "abaissera-t-il"),
    ("se portait-il", "se portera-t-il"),
    ("suivait-elle", "suivra-t-elle"),
    ("était-il", "sera-t-il"),
    ("était-elle", "sera-t-elle"),
    ("Quelle était", "Quelle sera"),
)


@dataclass(frozen=True)
class Question:
    """What to ask for an input: a sentence and, in ``aide``, where the answer is found.

    ``{mois}`` or ``{annee}`` stand for the period that the answer is about. ``essais`` are the
    values that show all that an answer can do, where the type and the unit of the input do not
    tell them (a date, a number): without them, nothing is certain while it is not known.

    ``rang``: of two questions that would tell as much, the one of the lower rank comes first: the
    more young people it concerns, the sooner. ``bref`` is the input in a few words, ``mots`` are
    what people say for it (between commas), ``exemple`` is a usual amount (€ in a month). An answer
    that is ``ponctuel`` (a decision, an age) is that of its month, and does not go on. ``theme``
    is the group of a resource in a list.

    ``jamais``: where nothing also holds for the months before, the sentence that says so. ``mois``:
    of a decision, the name of the answer that tells in which month it was taken. ``a_cocher``: the
    fact to tick where the usual answer is not one's own; none where it counts with another only.
    ``avec``: the input that it is asked with, and stands for or tells more of: the tier, for a line
    of the tax notice; the motive, for what a decision says besides.
    """

    texte: str
    aide: str = ""
    essais: tuple[Any, ...] = ()
    rang: float = math.inf
    bref: str = ""
    mots: str = ""
    exemple: float = 0
    jamais: str = ""
    mois: str = ""
    ponctuel: bool = False
    theme: str = ""
    a_cocher: str = ""
    avec: str = ""

    @property
    def synonymes(self) -> tuple[str, ...]:
        """What people say for the input, one by one."""
        return tuple(self.mots.split(", ")) if self.mots else ()

    def sur(self, period: Period, a_venir: bool = False) -> "Question":
        """The same question about a period: « en mars 2025 », « pour 2024 »; or one to come."""
        annee, mois, _ = period.start
        valeurs = {"mois": f"{MOIS[mois - 1]} {annee}", "annee": annee}
        texte, aide = (un.format(**valeurs) for un in (self.texte, self.aide))
        for passe, futur in A_VENIR if a_venir and "{mois}" in self.texte else ():
            texte = re.sub(passe, futur, texte)
        return dataclasses.replace(self, texte=texte, aide=aide)


#: The question of each input, by name of variable: core refuses attributes that it does not know.
QUESTIONS: dict[str, Question] = {}


def question(texte, aide="", **autres):
    """Record the question of the input variable declared below."""
    return inscrire(QUESTIONS, Question(texte, aide, **autres))


#: The question of an input that has none.
AUCUNE = Question("")


def question_de(nom: str) -> Question:
    """The question of an input; one that says nothing where none is declared."""
    return QUESTIONS.get(nom, AUCUNE)


@functools.lru_cache(maxsize=8192)
def question_sur(nom: str, period: Period, a_venir: bool = False) -> Question:
    """The question of an input about a period: asked again and again of the same months."""
    return question_de(nom).sur(period, a_venir)


@functools.cache
def demandees_avec(nom: str) -> tuple[str, ...]:
    """The inputs that are asked with another, in their order; of a law that is built."""
    return tuple(autre for autre, une in QUESTIONS.items() if une.avec == nom)


#: Whom some parameters bear on alone, by the beginning of their paths: see ``seuls``.
SEULS: dict[str, tuple[str, set[str]]] = {}


def seuls(qui, *chemins):
    """Record that the parameters below these paths bear only on who gives the input declared below.

    ``qui`` ends « aucune de ces personnes … ». Inputs that say the same of a path share it.
    """

    def enregistrer(variable):
        for chemin in chemins:
            SEULS.setdefault(chemin, (qui, set()))[1].add(variable.__name__)
        return variable

    return enregistrer


#: Who must meet a condition: whoever signs, whoever has a contract, whoever is paid.
SIGNATURE, CONTRAT, VERSEMENT = "signature", "contrat", "versement"


@dataclass(frozen=True)
class ConditionLegale:
    """A condition of the allowance: how it is called, who must meet it, in which order it is told.

    It is met by the value ``remplie``, or by any but ``sauf`` where that is given; ``temps`` says
    that time alone changes it, as a condition to sign that reads a day is; ``anniversaire`` that it
    does so on a birthday.
    """

    libelle: str
    qui: str
    rang: int
    remplie: Any = True
    sauf: Any = None
    temps: bool = False
    anniversaire: bool = False

    def est_remplie(self, valeur: Any) -> bool:
        """Whether a value of its variable meets it."""
        return bool(valeur == self.remplie if self.sauf is None else valeur != self.sauf)


#: The conditions of the allowance, by name of variable.
CONDITIONS: dict[str, ConditionLegale] = {}


def condition(libelle, qui, rang, **quand):
    """Record the condition that the variable declared below is."""
    return inscrire(CONDITIONS, ConditionLegale(libelle, qui, rang, **quand))


def conditions_de(qui: str) -> dict[str, ConditionLegale]:
    """The conditions that someone must meet, by name, in the order in which they are told."""
    trouvees = [(nom, une) for nom, une in CONDITIONS.items() if une.qui == qui]
    return dict(sorted(trouvees, key=lambda trouvee: trouvee[1].rang))
