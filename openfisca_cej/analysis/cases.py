"""Typical cases: named situations, their allowance and their marginal rates, before and after."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej.analysis.comparison import CaseCurve, TypicalCase
from openfisca_cej.explain.curve import Curve, NoCurve, curve
from openfisca_cej.explain.situation import read
from openfisca_cej.population.months import first_day, month_number, month_text
from openfisca_cej.population.schema import RESULT
from openfisca_cej.population.synthetic import DAY, TIER

PERSON = "jeune"

#: The resource of the curves.
WAGE = "salaire_net"

#: Cases of which the curve is drawn.
DRAWN = ("plein", "premiere_tranche", "mineur", "mayotte")

#: First month of the scale of sanctions of 2025.
NEW_SANCTIONS = month_number("2025-06")

#: Months between the signature and the month looked at.
SIGNED_BEFORE = 2

Inputs = dict[str, Any]


@dataclass(frozen=True)
class Model:
    """A typical case: its words, its age on the first of the month, and its other inputs.

    ``inputs`` are values of the month; ``resources`` hold in the months that the law looks back at.
    """

    key: str
    label: str
    age: int = 20
    tier: str = "non_imposable"
    resources: tuple[tuple[str, float], ...] = ()
    mayotte: bool = False
    rqth: bool = False
    sanction: bool = False
    rsa: float = 0

    @property
    def wage(self) -> float:
        """Net wage (€ a month)."""
        return dict(self.resources).get(WAGE, 0)


def wage(amount: float) -> tuple[tuple[str, float], ...]:
    """A net wage."""
    return ((WAGE, amount),)


MODELS = (
    Model("plein", "20 ans, foyer non imposable, sans ressources"),
    Model("premiere_tranche", "20 ans, foyer dans la première tranche", tier="premiere_tranche"),
    Model("au_dela", "20 ans, foyer au-delà de la première tranche", tier="au_dela"),
    Model("mineur", "17 ans, foyer non imposable", age=17),
    Model("mayotte", "20 ans, à Mayotte", mayotte=True),
    Model("salaire_600", "20 ans, salaire net de 600 € le mois d'avant", resources=wage(600)),
    Model("salaire_1200", "20 ans, salaire net de 1 200 € le mois d'avant", resources=wage(1200)),
    Model(
        "premiere_tranche_salaire_600",
        "20 ans, foyer dans la première tranche, salaire net de 600 €",
        tier="premiere_tranche",
        resources=wage(600),
    ),
    Model(
        "formation",
        "20 ans, formation rémunérée 400 €",
        resources=(("revenus_stage_formation_pro", 400.0),),
    ),
    Model(
        "chomage", "22 ans, allocation de chômage de 300 €", 22, resources=(("chomage_net", 300.0),)
    ),
    Model("sanction", "20 ans, premier manquement sanctionné", sanction=True),
    Model("rqth_27", "27 ans, travailleur handicapé", age=27, rqth=True),
    Model("age_27", "27 ans, sans reconnaissance de handicap", age=27),
    Model("rsa", "22 ans, dans une famille allocataire du RSA", age=22, rsa=500),
)


def document(model: Model, month: int) -> dict[str, Any]:
    """The situation of a case in a month, as the web API reads it."""
    now = month_text(month)
    signature = month - SIGNED_BEFORE
    person: Inputs = {
        "date_naissance": {"ETERNITY": str(birth(model.age, month))},
        TIER: {month_text(moment): model.tier for moment in range(signature, month + 1)},
        RESULT: {now: None},
    }
    if model.key != "age_27":
        # Whose age forbids the contract has none: the question is « what if I signed? ».
        person["cej_date_signature"] = {"ETERNITY": f"{month_text(signature)}-01"}
    if model.rqth:
        person["rqth"] = {month_text(moment): True for moment in range(signature, month + 1)}
    for name, amount in model.resources:
        # As many months as any reform may average.
        person[name] = {month_text(moment): amount for moment in range(month - 12, month + 1)}
    if model.sanction and month >= NEW_SANCTIONS:
        person["cej_sanction_motif"] = {now: "manquement"}
    elif model.sanction:
        person["cej_rang_manquement"] = {month_text(month - 1): 1}
    family: Inputs = {"parents": [PERSON]}
    if model.rsa:
        family["rsa"] = {now: model.rsa}
    home: Inputs = {"personne_de_reference": [PERSON]}
    if model.mayotte:
        home["residence_mayotte"] = {
            month_text(moment): True for moment in range(signature, month + 1)
        }
    return {
        "individus": {PERSON: person},
        "familles": {"famille": family},
        "foyers_fiscaux": {"foyer": {"declarants": [PERSON]}},
        "menages": {"logement": home},
    }


def birth(age: int, month: int) -> Any:
    """A birth date that gives this age all through the contract: six months before the month."""
    return first_day(month - 12 * age - 6) + 14 * DAY


def typical_cases(
    law: TaxBenefitSystem,
    reformed: TaxBenefitSystem,
    month: int,
    advance: Callable[[], None] = lambda: None,
) -> tuple[tuple[TypicalCase, ...], tuple[CaseCurve, ...]]:
    """The cases in a month, and the curves of some of them."""
    cases, curves = [], []
    text = month_text(month)
    for model in MODELS:
        told = document(model, month)
        amounts: list[float] = []
        drawn: list[Curve | None] = []
        notes: list[str] = []
        for system in (law, reformed):
            situation = read(told, system)
            amount = situation.simulation().calculate(RESULT, text)
            amounts.append(round(float(amount[0]), 2))
            try:
                drawn.append(curve(situation, text, PERSON, WAGE))
            except NoCurve as error:
                drawn.append(None)
                notes.append(str(error))
        before, after = amounts
        rates = [rate(one, model.wage) for one in drawn]
        change = round(after - before, 2)
        cases.append(TypicalCase(model.key, model.label, text, told, before, after, change, *rates))
        if model.key in DRAWN:
            note = " ".join(dict.fromkeys(notes))
            curves.append(CaseCurve(model.key, WAGE, drawn[0], drawn[1], note))
        advance()
    return tuple(cases), tuple(curves)


def rate(drawn: Curve | None, amount: float) -> float | None:
    """The marginal rate at a wage; None without a curve."""
    if drawn is None:
        return None
    return drawn.rate(min(round(100 * amount), round(100 * drawn.maximum)))
