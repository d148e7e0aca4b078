"""The tax tier of the foyer fiscal (D5131-19, I and II): schedule, décote, collection floors."""

import numpy
from openfisca_core.holders import set_input_dispatch_by_period
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit
from openfisca_core.periods import period as periode
from openfisca_core.variables import Variable

from openfisca_cej.base import (
    Montant,
    calcul,
    donnee,
    personne,
    question,
)
from openfisca_cej.entities import FoyerFiscal, Individu

D5131_19 = "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000045207447"
CGI_197 = [
    "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000042907517",
    "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000046860759",
]
CGI_1657 = "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000006312659"

#: Taxes are exact decimals of at most eight digits: nearer to a floor than this, they equal it.
TOLERANCE = 1e-9


def ligne_impot_brut(cas):
    """The tax of the schedule on one part, bracket by bracket, times the number of parts."""
    parts_ecrites = cas.ecrit("nbptr") if cas.valeur("nbptr") > 0 else "1"
    return ligne_bareme(cas, cas.valeur("rni"), parts_ecrites)


def ligne_bareme(cas, rni, parts_ecrites):
    """Tax of the schedule (CGI 197, I, 1) of an income shared into parts, as an expression."""
    bareme = cas.droit().impot_revenu.bareme_ir_depuis_1945.bareme
    part = f"{cas.nombre(rni)} ÷ {parts_ecrites}"
    par_part = rni / float("".join(parts_ecrites.split()).replace(",", "."))
    suivants = [*bareme.thresholds[1:], None]
    tranches = []
    for seuil, suivant, taux in zip(bareme.thresholds, suivants, bareme.rates, strict=True):
        if taux and par_part > seuil:
            dans = par_part <= suivant if suivant is not None else True
            haut = part if dans else cas.nombre(suivant)
            tranches.append(f"{cas.nombre(taux, 2)} × ({haut} − {cas.nombre(seuil)})")
    return f"({' + '.join(tranches)}) × {parts_ecrites}" if tranches else "0"


def ligne_impot_restant(cas):
    """Gross tax, less décote, reductions and credits, unless under a collection floor."""
    calcul_impot = cas.droit().impot_revenu.calcul_impot_revenu
    couple = cas.valeur("maries_ou_pacses")
    decote = calcul_impot.plaf_qf.decote
    brut = cas.ecrit("cej_impot_brut")
    plafond = cas.nombre(decote.seuil_couple if couple else decote.seuil_celib)
    net = f"{brut} − min(max({plafond} − {cas.nombre(decote.taux, 4)} × {brut} ; 0) ; {brut})"
    if not cas.resultat:
        seuils = calcul_impot.recouvrement
        return "0", (
            f"rien à recouvrer : {net} − réductions {cas.ecrit('reductions')} − crédits "
            f"{cas.ecrit('credits_impot')}, seuils de "
            f"{cas.nombre(seuils.min_avant_credits_impots)} et "
            f"{cas.nombre(seuils.min_apres_credits_impots)} €"
        )
    return f"{net} − {cas.ecrit('reductions')} − {cas.ecrit('credits_impot')}"


def ligne_situation_foyer(cas):
    """Tax left to pay, then income by part against the limit of the first bracket."""
    restant = cas.valeur("cej_impot_restant_a_payer")
    nombre_parts = cas.valeur("nbptr") if cas.valeur("nbptr") > 0 else 1
    return phrase_situation(cas, restant, cas.valeur("rni"), nombre_parts)


def ligne_situation_autonome(cas):
    """The same for the young person alone."""
    rni = cas.valeur("cej_rni_autonome")
    limite = cas.droit().impot_revenu.bareme_ir_depuis_1945.bareme.thresholds[2]
    return (
        f"seul, une part, revenu de {cas.nombre(rni)} € ; "
        f"limite de la première tranche {cas.nombre(limite)} €"
    )


def phrase_situation(cas, restant, rni, nombre_parts):
    """Why the foyer is in this tier."""
    if restant <= 0:
        return "il ne reste aucun impôt à payer"
    limite = cas.droit().impot_revenu.bareme_ir_depuis_1945.bareme.thresholds[2]
    cote = "au plus" if rni <= limite * nombre_parts else "plus que"
    return (
        f"impôt restant à payer {cas.nombre(restant, 2)} € ; revenu par part "
        f"{cas.nombre(rni / nombre_parts, 2)} €, {cote} {cas.nombre(limite)} €"
    )


def ligne_situation(cas):
    """Whether the young person is alone or in the foyer."""
    if cas.valeur("cej_autonomie_fiscale"):
        return "le jeune est considéré comme fiscalement autonome"
    return "celle du foyer fiscal que le jeune constitue ou rejoint"


def ligne_rattachement(cas):
    """Which notice is the last."""
    montants = cas.droit().contrat_engagement_jeune.montant_forfaitaire
    ecart = 1 if cas.periode.start.month >= montants.premier_mois_nouvel_avis else 2
    return f"avis d'impôt sur les revenus de {cas.periode.start.year - ecart}"


class SituationFiscale(Enum):
    __order__ = "non_imposable premiere_tranche au_dela"
    non_imposable = "Foyer non imposable"
    premiere_tranche = "Foyer imposable dont chaque part est dans la première tranche"
    au_dela = "Foyer imposable au-delà de la première tranche"


@question(
    (
        "Votre organisme (mission locale, France Travail) a-t-il décidé pour {mois} de regarder "
        "vos seuls revenus, sans ceux de votre famille ?"
    ),
    aide=(
        "Il le peut en cas de rupture familiale manifeste, ou si vous annoncez que vous "
        "déclarerez vos revenus à part l'année suivante."
    ),
)
class cej_autonomie_fiscale(Variable):
    value_type = bool
    entity = Individu
    definition_period = DateUnit.MONTH
    set_input = set_input_dispatch_by_period
    label = "Le jeune est considéré comme fiscalement autonome"
    documentation = (
        "Décision de l'organisme en cas de rupture familiale manifeste ou de détachement annoncé "
        "à la prochaine déclaration (D5131-19, II)."
    )
    reference = D5131_19


@question(
    (
        "La déclaration de revenus suivante vous a-t-elle laissé dans le foyer fiscal de votre "
        "famille, contrairement à ce qui était annoncé pour {mois} ?"
    ),
    aide="L'écart d'allocation est alors à rembourser.",
)
class cej_autonomie_non_confirmee(Variable):
    value_type = bool
    entity = Individu
    definition_period = DateUnit.MONTH
    set_input = set_input_dispatch_by_period
    label = "La déclaration de l'année suivante n'a pas confirmé l'autonomie fiscale"
    documentation = "Le trop-perçu est alors remboursé : voir cej_trop_percu_autonomie."
    reference = D5131_19


@question(
    "Quel est votre propre revenu imposable pour {annee} ?",
    aide=(
        "Vos seuls revenus ; il ne compte que si l'organisme a décidé de ne pas regarder ceux de "
        "votre famille."
    ),
)
class cej_rni_autonome(Montant):
    value_type = float
    entity = Individu
    definition_period = DateUnit.YEAR
    unit = "€/an"
    label = "Revenu net imposable du jeune pris seul"
    documentation = "Ne compte que si le jeune est considéré comme fiscalement autonome."
    reference = D5131_19


@calcul(ligne_impot_brut)
class cej_impot_brut(Montant):
    value_type = float
    entity = FoyerFiscal
    definition_period = DateUnit.YEAR
    unit = "€/an"
    label = "Impôt brut du foyer fiscal selon le barème et le quotient familial"
    documentation = (
        "Sans plafonnement du quotient familial : son avantage par demi-part dépasse celui que "
        "peut procurer une demi-part à un foyer que le barème laisse non imposable."
    )
    reference = CGI_197

    def formula_2020_01_01(foyer_fiscal, period, parameters):
        rni = donnee(foyer_fiscal, "rni", period)
        return impot_brut(rni, parts(foyer_fiscal, period), period, parameters)


@question(
    "Quel montant d'impôt le foyer fiscal doit-il en tout sur les revenus de {annee} ?",
    aide=(
        "Le total de l'impôt net de l'avis, après réductions et crédits d'impôt mais avant "
        "déduction de ce qui a été prélevé à la source ; zéro si l'avis dit que le foyer n'est "
        "pas imposable."
    ),
)
@calcul(ligne_impot_restant)
class cej_impot_restant_a_payer(Montant):
    value_type = float
    entity = FoyerFiscal
    definition_period = DateUnit.YEAR
    unit = "€/an"
    label = "Impôt restant à payer après décote, réductions, crédits et seuils de recouvrement"
    documentation = "Peut être donné tel que l'avis d'impôt le porte."
    reference = [*CGI_197, CGI_1657]

    def formula_2020_01_01(foyer_fiscal, period, parameters):
        return impot_restant(
            foyer_fiscal("cej_impot_brut", period),
            donnee(foyer_fiscal, "maries_ou_pacses", period),
            donnee(foyer_fiscal, "reductions", period),
            donnee(foyer_fiscal, "credits_impot", period),
            parameters(period).impot_revenu.calcul_impot_revenu,
        )


@calcul(ligne_situation_foyer)
class cej_situation_fiscale_foyer(Variable):
    value_type = Enum
    possible_values = SituationFiscale
    default_value = SituationFiscale.non_imposable
    entity = FoyerFiscal
    definition_period = DateUnit.YEAR
    label = "Situation du foyer fiscal au regard de l'impôt sur les revenus de l'année"
    documentation = (
        "Non imposable s'il ne reste rien à payer ; sinon dans la première tranche si le revenu "
        "par part ne dépasse pas la limite supérieure de la tranche à 11 %."
    )
    reference = [D5131_19, *CGI_197]

    def formula_2020_01_01(foyer_fiscal, period, parameters):
        return situation(
            donnee(foyer_fiscal, "rni", period),
            parts(foyer_fiscal, period),
            foyer_fiscal("cej_impot_restant_a_payer", period),
            limite_premiere_tranche(period, parameters),
        )


@calcul(ligne_situation_autonome)
class cej_situation_fiscale_autonome(Variable):
    value_type = Enum
    possible_values = SituationFiscale
    default_value = SituationFiscale.non_imposable
    entity = Individu
    definition_period = DateUnit.YEAR
    label = "Situation du jeune, pris seul, au regard de l'impôt sur les revenus de l'année"
    documentation = "Une part, sans réduction ni crédit d'impôt."
    reference = [D5131_19, *CGI_197]

    def formula_2020_01_01(individu, period, parameters):
        rni = donnee(individu, "cej_rni_autonome", period)
        restant = impot_restant(
            impot_brut(rni, 1, period, parameters),
            personne(individu),
            0,
            0,
            parameters(period).impot_revenu.calcul_impot_revenu,
        )
        return situation(rni, 1, restant, limite_premiere_tranche(period, parameters))


@question(
    (
        "Quelle était la situation de votre foyer fiscal, d'après son dernier avis d'impôt, en "
        "{mois} ?"
    ),
    aide=(
        "L'avis dit si le foyer est imposable ; la première tranche est celle à 11 %, à comparer "
        "au revenu imposable divisé par le nombre de parts."
    ),
)
@calcul(ligne_situation)
class cej_situation_fiscale(Variable):
    value_type = Enum
    possible_values = SituationFiscale
    default_value = SituationFiscale.non_imposable
    entity = Individu
    definition_period = DateUnit.MONTH
    set_input = set_input_dispatch_by_period
    label = "Situation fiscale retenue pour le montant forfaitaire"
    documentation = (
        "Celle du dernier avis d'impôt : sur les revenus de l'année précédente à partir de "
        "septembre, de l'avant-dernière année auparavant ; celle du jeune seul s'il est "
        "considéré comme fiscalement autonome."
    )
    reference = D5131_19

    def formula_2022_03_01(individu, period, parameters):
        rattachement = individu("cej_situation_fiscale_rattachement", period)
        autonomie = donnee(individu, "cej_autonomie_fiscale", period)
        if not autonomie.any():
            return rattachement
        avis = annee_de_l_avis(period, parameters)
        return numpy.where(
            autonomie, individu("cej_situation_fiscale_autonome", avis), rattachement
        )


@calcul(ligne_rattachement)
class cej_situation_fiscale_rattachement(Variable):
    value_type = Enum
    possible_values = SituationFiscale
    default_value = SituationFiscale.non_imposable
    entity = Individu
    definition_period = DateUnit.MONTH
    label = "Situation, d'après le dernier avis d'impôt, du foyer que le jeune constitue ou rejoint"
    documentation = "Sans égard à l'autonomie fiscale du II de D5131-19."
    reference = D5131_19

    def formula_2022_03_01(individu, period, parameters):
        avis = annee_de_l_avis(period, parameters)
        return individu.foyer_fiscal("cej_situation_fiscale_foyer", avis)


def annee_de_l_avis(period, parameters):
    """Year of the incomes of the last tax notice, received in the summer of the year after."""
    montants = parameters(period).contrat_engagement_jeune.montant_forfaitaire
    ecart = 1 if period.start.month >= montants.premier_mois_nouvel_avis else 2
    return periode(period.start.year - ecart)


def parts(foyer_fiscal, period):
    """Number of parts of the tax return; none counts as one."""
    nombre = donnee(foyer_fiscal, "nbptr", period)
    return numpy.where(nombre > 0, nombre, 1)


def impot_brut(rni, nombre_parts, period, parameters):
    """Tax of the schedule (€/year) on each part, times the number of parts (CGI 197, I, 1)."""
    bareme = parameters(period).impot_revenu.bareme_ir_depuis_1945.bareme
    return bareme.calc(rni / nombre_parts) * nombre_parts


def impot_restant(brut, couple, reductions, credits_impot, calcul):
    """Tax left to pay (€/year) after décote, reductions, credits and both collection floors."""
    decote = calcul.plaf_qf.decote
    plafond = numpy.where(couple, decote.seuil_couple, decote.seuil_celib)
    avant_reductions = brut - numpy.clip(plafond - decote.taux * brut, 0, brut)
    seuils = calcul.recouvrement
    avant_credits = avant_reductions - reductions
    avant_credits *= avant_credits >= seuils.min_avant_credits_impots - TOLERANCE
    restant = avant_credits - credits_impot
    return restant * (restant >= seuils.min_apres_credits_impots - TOLERANCE)


def limite_premiere_tranche(period, parameters):
    """Upper limit (€/part) of the first taxed bracket, the one at 11 %."""
    return parameters(period).impot_revenu.bareme_ir_depuis_1945.bareme.thresholds[2]


def situation(rni, nombre_parts, restant, limite):
    """Index in SituationFiscale: 0 not taxed, 1 first bracket, 2 beyond."""
    return numpy.where(restant <= 0, 0, numpy.where(rni <= limite * nombre_parts, 1, 2))
