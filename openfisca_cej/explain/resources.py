"""What each income does to the allowance: deducts, partly deducts, suspends, excludes, nothing.

Nothing is decided here: the effect of a resource, its dates, its article and how far it is known
come from the dated lists of the parameters (``contrat_engagement_jeune.ressources`` and
``non_cumul.ressources_suspensives``). A benefit that the rules name themselves excludes; what
nothing names is fully cumulable (R5131-20, II).
"""

import datetime
import enum
import functools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from openfisca_core.parameters import Parameter, ParameterNode
from openfisca_core.periods import DateUnit
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

from openfisca_cej.base import TIREES_DE
from openfisca_cej.declarations import question_de
from openfisca_cej.dependencies import reached
from openfisca_cej.names import RESULT
from openfisca_cej.population.engine import first_month
from openfisca_cej.population.months import month_text
from openfisca_cej.refusals import nearest
from openfisca_cej.systems import remembered

#: Unit of the inputs that are resources of a month.
MONEY_OF_A_MONTH = "€/mois"

#: « Article R5131-22 du code du travail, version du 1er mars 2022, 3° »: the article, the rest.
TITLE = re.compile(r"Articles? ([LRD]\.? ?\d+(?:-\d+)*)(.*)")
NOT_A_NUMBER = re.compile(r" du code [^,]*|, version du [^,]*")

#: « … (R5131-24, I). », in the documentation of a variable.
ARTICLE_IN_BRACKETS = re.compile(r"\(([LRD]\d+-\d+, [^()]*)\)")

#: A word of this length or less is looked for whole: « ARE » is not the start of a longer word.
SHORT_WORD = 3

#: Any resource that no list names, and what people say for those that they ask about. Whatever
#: pays for work is on a list, under any name.
UNLISTED = (
    "Ressource qui n'est sur aucune liste (ni le revenu d'un travail, ni ce qui en tient lieu)"
)
UNLISTED_WORDS = (
    *("héritage", "succession", "don", "cadeau", "argent de poche", "aide des parents", "cagnotte"),
    *("prêt", "crédit", "épargne", "économies", "livret A", "intérêts", "loto", "gains de jeu"),
    *(
        "vente d'occasion",
        "Vinted",
        "Leboncoin",
        "remboursement",
        "chèque énergie",
        "assurance vie",
    ),
    *("prêt étudiant", "crypto", "ticket restaurant", "ticket resto", "Mobili-Jeune", "Loca-Pass"),
    *("allocation de soutien familial", "ASF", "pension d'orphelin", "pension de réversion"),
    *("fonds d'aide aux jeunes", "FAJ", "aide au permis", "allocation de rentrée scolaire", "ARS"),
    *("PCH", "prestation de compensation du handicap", "prime de Noël"),
)

#: Words that say nothing of a resource.
STOP_WORDS = frozenset(
    {"a", "au", "aux", "d", "de", "des", "du", "en", "et", "l", "la", "le", "les", "ou", "par"}
    | {"pour", "sur", "un", "une", "je", "j", "me", "m", "ma", "mes", "mon", "que", "qui"}
    | {"ai", "ce", "dois", "doit", "est", "peux", "puis", "se", "si", "suis"}
)


class Effect(enum.Enum):
    """What a resource does to the allowance; the value is the word in French."""

    DEDUCTED = "intégralement déductible"
    PARTLY = "partiellement déductible"
    IGNORED = "cumulable"
    SUSPENDS = "suspend l'allocation"
    EXCLUDES = "exclut l'allocation"


#: Where each effect is listed, below ``contrat_engagement_jeune``. The heaviest comes first: a
#: resource that suspends the allowance does so whatever else it is.
LISTS = (
    (Effect.SUSPENDS, "non_cumul.ressources_suspensives"),
    (Effect.DEDUCTED, "ressources.deductibles"),
    (Effect.PARTLY, "ressources.partiellement_deductibles"),
    (Effect.IGNORED, "ressources.cumulables"),
)


@dataclass(frozen=True)
class Treatment:
    """An effect, from a date on and until a day (both ISO, included; ``until`` None: no end).

    ``article`` is short (« R5131-22, 3° »), ``link`` leads to its version, ``confidence`` says how
    it is known (lu, publié, déduit), ``notes`` are the reserves of the parameter.
    """

    effect: Effect
    since: str
    until: str | None
    article: str
    link: str
    confidence: str
    notes: tuple[str, ...] = ()

    @property
    def counted(self) -> str:
        """Which month the resource acts upon, in French."""
        if self.effect in (Effect.DEDUCTED, Effect.PARTLY):
            return "le mois suivant"
        return "" if self.effect is Effect.IGNORED else "le mois même"


@dataclass(frozen=True)
class Resource:
    """An input of money per month, and what it did to the allowance over time."""

    name: str
    label: str
    entity: str
    documentation: str
    synonyms: tuple[str, ...]
    treatments: tuple[Treatment, ...] = field(default=())

    def at(self, day: str) -> Treatment:
        """The treatment in force on the day (ISO), the first one before the law."""
        held = [treatment for treatment in self.treatments if treatment.since <= day]
        return held[-1] if held else self.treatments[0]

    def to_json(self, day: str | None = None) -> dict[str, Any]:
        """The resource as JSON; with a day, only what is in force then."""
        told = self.treatments if day is None else (self.at(day),)
        return {
            "name": self.name,
            "label": self.label,
            "entity": self.entity,
            "documentation": self.documentation,
            "synonyms": list(self.synonyms),
            "treatments": [
                {
                    "effect": one.effect.value,
                    "since": one.since,
                    "until": one.until,
                    "counted": one.counted or None,
                    "article": one.article,
                    "href": one.link,
                    "confidence": one.confidence,
                    "notes": list(one.notes),
                }
                for one in told
            ],
        }


def is_resource(variable: Variable) -> bool:
    """Whether the variable is an input of money per month."""
    monthly = variable.definition_period == DateUnit.MONTH
    return monthly and variable.unit == MONEY_OF_A_MONTH and not variable.formulas


def resources(system: TaxBenefitSystem) -> list[Resource]:
    """All the resources of the model, the ones of a reform too, in the order of their labels."""
    found = [
        Resource(
            variable.name,
            variable.label or variable.name,
            variable.entity.key,
            variable.documentation or "",
            question_de(variable.name).synonymes,
            tuple(treatments(system, variable)),
        )
        for variable in system.variables.values()
        if is_resource(variable)
    ]
    return sorted(found, key=lambda resource: folded(resource.label))


def resource(system: TaxBenefitSystem, name: str) -> Resource | None:
    """The resource of this name, None when the variable is no resource."""
    return next((one for one in resources(system) if one.name == name), None)


@remembered
def at(system: TaxBenefitSystem, name: str, day: str) -> Treatment:
    """What the law does with a variable on a day (ISO): an input, or what is drawn from some."""
    variable = system.get_variable(name, check_existence=True)
    held = [one for one in treatments(system, variable) if one.since <= day]
    return held[-1]


def treatments(system: TaxBenefitSystem, variable: Variable) -> Iterator[Treatment]:
    """The successive treatments of the variable, from the first month of the law on."""
    first = f"{month_text(first_month(system))}-01"
    node = system.parameters.contrat_engagement_jeune
    lists = [(effect, leaf) for effect, path in LISTS for leaf in leaves(node, path)]
    changes = {item.instant_str for _, leaf in lists for item in leaf.values_list}
    days = [first, *sorted(day for day in changes if day > first)]
    pieces: list[Treatment] = []
    for day in days:
        piece = treatment(system, variable, lists, day)
        last = pieces[-1] if pieces else None
        if last is None or (piece.effect, piece.article) != (last.effect, last.article):
            pieces.append(piece)
    for rank, piece in enumerate(pieces):
        following = pieces[rank + 1].since if rank + 1 < len(pieces) else None
        yield Treatment(**{**vars(piece), "until": day_before(following) if following else None})


def leaves(node: ParameterNode, path: str) -> Iterator[Parameter]:
    """The lists of variables at a path: of a folder, or of one file."""
    for key in path.split("."):
        node = getattr(node, key)
    yield from node.children.values() if isinstance(node, ParameterNode) else [node]


def treatment(
    system: TaxBenefitSystem,
    variable: Variable,
    lists: Sequence[tuple[Effect, Parameter]],
    day: str,
) -> Treatment:
    """What the law does with the variable from this day on."""
    names = {variable.name, *(drawn for drawn, of in TIREES_DE.items() if variable.name in of)}
    for effect, leaf in lists:
        if names & set(leaf(day) or ()):
            return listed(effect, leaf, day)
    if variable.name in reached(system, RESULT):
        return named_by_the_rule(variable, day)
    rest = system.parameters.contrat_engagement_jeune.ressources.cumulables
    return listed(Effect.IGNORED, rest, day)


def named_by_the_rule(variable: Variable, day: str) -> Treatment:
    """A benefit that the rule excludes by its name: its article is in its documentation."""
    found = ARTICLE_IN_BRACKETS.search(variable.documentation or "")
    links = variable.reference or [""]
    article = found[1] if found else ""
    return Treatment(Effect.EXCLUDES, day, None, article, links[0], "lu")


def listed(effect: Effect, leaf: Parameter, day: str) -> Treatment:
    """The treatment that a list gives, with the reference of the value in force."""
    current = max(item.instant_str for item in leaf.values_list if item.instant_str <= day)
    metadata = leaf.metadata
    reference = (metadata.get("reference", {}).get(current) or [{}])[0]
    notes = metadata.get("notes", {}).get(current) or []
    return Treatment(
        effect,
        day,
        None,
        short_article(reference.get("title", "")),
        reference.get("href", ""),
        metadata.get("confiance", {}).get(current, "hypothèse"),
        tuple(note["title"] for note in notes),
    )


def short_article(title: str) -> str:
    """« R5131-22, 3° » of « Article R5131-22 du code du travail, version du …, 3° »."""
    match = TITLE.fullmatch(title)
    return f"{match[1]}{NOT_A_NUMBER.sub('', match[2])}" if match else title


def day_before(day: str) -> str:
    """The day before an ISO day."""
    return (datetime.date.fromisoformat(day) - datetime.timedelta(days=1)).isoformat()


@functools.lru_cache(maxsize=4096)
def folded(text: str) -> str:
    """The text without accents, case and ligatures: what a search compares."""
    plain = text.replace("œ", "oe").replace("Œ", "oe").replace("’", "'")
    decomposed = unicodedata.normalize("NFKD", plain)
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign)).casefold()


def words(text: str) -> list[str]:
    """The words of a text that a search compares, in the singular."""
    found = re.findall(r"[a-z0-9]+", folded(text))
    return [singular(word) for word in found if word not in STOP_WORDS]


def singular(word: str) -> str:
    """The word without the mark of the plural; short words are left alone."""
    return word[:-1] if len(word) > SHORT_WORD and word[-1] in "sx" else word


def matches(word: str, others: Iterable[str]) -> bool:
    """Whether a word looked for is one of the others; a long one may be just a beginning."""
    if len(word) <= SHORT_WORD:
        return word in others
    return any(other.startswith(word) for other in others)


def search(found: Iterable[Resource], text: str) -> list[Resource]:
    """The resources that have all the words, those whose label or synonyms have them first."""
    asked = words(text)
    first, then = [], []
    for one in found:
        known = words(" ".join([one.label, one.name.replace("_", " "), *one.synonyms]))
        told = known + words(one.documentation)
        if all(matches(word, known) for word in asked):
            first.append(one)
        elif all(matches(word, told) for word in asked):
            then.append(one)
    return first + then


def suggestions(found: Iterable[Resource], text: str) -> list[str]:
    """Words of the dictionary that look like those that were not found: each finds something."""
    every = list(found)
    known = {word for one in every for word in words(" ".join([one.label, *one.synonyms]))}
    # A few letters look like too many words.
    long = sorted(word for word in known if len(word) > SHORT_WORD)
    near = [
        word if word in known else nearest(word, long) if len(word) > SHORT_WORD + 1 else None
        for word in words(text)
    ]
    kept = list(dict.fromkeys(word for word in near if word))
    together = " ".join(kept)
    return [together] if kept and search(every, together) else kept


def unlisted(system: TaxBenefitSystem) -> Resource:
    """What stands for every resource that is on no list: it leaves the allowance alone."""
    day = f"{month_text(first_month(system))}-01"
    rest = system.parameters.contrat_engagement_jeune.ressources.cumulables
    return Resource(
        "",
        UNLISTED,
        system.person_entity.key,
        "Aucune liste de la loi ne la nomme : elle est entièrement cumulable (R5131-20, II).",
        UNLISTED_WORDS,
        (listed(Effect.IGNORED, rest, day),),
    )


def looked_up(system: TaxBenefitSystem, text: str) -> tuple[list[Resource], list[str]]:
    """The resources that have all the words; where none has, words that look like them.

    What looks like nothing known is on no list. Without a word, all those that are on one.
    """
    if not words(text):
        return list(resources(system)), []
    every = [*resources(system), unlisted(system)]
    found = search(every, text)
    near = [] if found else suggestions(every, text)
    return found or ([] if near else every[-1:]), near
