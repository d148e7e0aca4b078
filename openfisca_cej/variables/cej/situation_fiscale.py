"""The tax tier of the foyer fiscal (D5131-19, I and II): schedule, décote, collection floors."""

import numpy
from openfisca_core.holders import set_input_dispatch_by_period
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_cej.base import (
    DECIMALES,
    Choix,
    EntierDuMois,
    Fait,
    MesureDuMois,
    Montant,
    MontantDeLAvis,
    annee_de_l_avis,
    chacun,
    donnee,
    entite_de,
    est_fourni,
    limite_premiere_tranche,
    lue,
    periode,
    personne,
    positif,
    une_fois,
)
from openfisca_cej.declarations import VERSEMENT, calcul, changement, condition, question, seuls
from openfisca_cej.entities import FoyerFiscal, Individu
from openfisca_cej.texts import CGI_197, CGI_197_MOIS, CGI_1657, D5131_19

#: Value of the tax of a notice that was not given: no refund is that large.
IMPOT_NON_DONNE = -1e9


class SituationFiscale(Enum):
    __order__ = "non_imposable premiere_tranche au_dela"
    non_imposable = "Foyer non imposable"
    premiere_tranche = "Foyer imposable dont chaque part est dans la première tranche"
    au_dela = "Foyer imposable au-delà de la première tranche"


@condition("Foyer fiscal au plus dans la première tranche", VERSEMENT, 1, sauf="au_dela")
class cej_situation_fiscale(Choix):
    possible_values = SituationFiscale
    default_value = SituationFiscale.non_imposable
    set_input = set_input_dispatch_by_period
    label = "Situation fiscale retenue pour le montant forfaitaire"
    documentation = (
        "Celle du dernier avis d'impôt : sur les revenus de l'année précédente à partir de "
        "septembre, de l'avant-dernière année auparavant ; celle du jeune seul s'il est "
        "considéré comme fiscalement autonome. La limite de la première tranche est celle du "
        "barème en vigueur au dernier 1er avril."
    )
    reference = D5131_19

    def formula_2022_03_01(individu, period):
        rattachement = individu("cej_situation_fiscale_rattachement", period)
        autonomie = donnee(individu, "cej_autonomie_fiscale", period)
        if not autonomie.any():
            return rattachement
        return numpy.where(
            autonomie, individu("cej_situation_fiscale_autonome", period), rattachement
        )


@question(
    (
        "Votre organisme (mission locale, France Travail) a-t-il décidé pour {mois} de regarder "
        "vos seuls revenus, sans ceux de votre famille ?"
    ),
    aide=(
        "Il le peut en cas de rupture familiale manifeste, ou si vous annoncez que vous "
        "déclarerez vos revenus à part l'année suivante."
    ),
    rang=27,
    a_cocher="Une décision de votre organisme de ne regarder que vos revenus",
    bref="la décision de ne regarder que vos revenus",
)
class cej_autonomie_fiscale(Fait):
    label = "Le jeune est considéré comme fiscalement autonome"
    documentation = (
        "Décision de l'organisme en cas de rupture familiale manifeste ou de détachement annoncé "
        "à la prochaine déclaration (D5131-19, II)."
    )
    reference = D5131_19


@question(
    (
        "Quelle était la situation de votre foyer fiscal, d'après son dernier avis d'impôt, en "
        "{mois} ?"
    ),
    aide=(
        "L'avis dit si le foyer est imposable ; la première tranche est celle à 11 %, à comparer "
        "au revenu imposable divisé par le nombre de parts."
    ),
    rang=2,
    bref="la tranche d'imposition du foyer fiscal",
)
class cej_situation_fiscale_rattachement(Choix):
    possible_values = SituationFiscale
    default_value = SituationFiscale.non_imposable
    set_input = set_input_dispatch_by_period
    label = "Situation, d'après le dernier avis d'impôt, du foyer que le jeune constitue ou rejoint"
    documentation = (
        "Non imposable s'il ne reste rien à payer ; sinon dans la première tranche si le revenu "
        "par part ne dépasse pas la limite supérieure de la tranche à 11 % du barème en vigueur "
        "au dernier 1er avril. Sans égard à l'autonomie fiscale du II de D5131-19."
    )
    reference = [D5131_19, CGI_197_MOIS]

    def formula_2022_03_01(individu, period, parameters):
        foyer = individu.foyer_fiscal
        restant = individu("cej_impot_du", period)
        limite = limite_premiere_tranche(period, parameters)

        def situation_de(avis):
            lus = lue(foyer, "rni", avis), lue(foyer, "nbptr", avis), restant, limite
            return une_fois(individu, "cej_situation_fiscale_rattachement", avis, lus, par_part)

        def par_part(rni, nombre, restant, limite):
            return situation(chacun(foyer, rni), parts(chacun(foyer, nombre)), restant, limite)

        return selon_l_avis(
            *(individu, "cej_situation_fiscale_rattachement"),
            *(foyer, "cej_annee_avis", period),
            situation_de,
        )


def selon_l_avis(individu, variable, population, avis, period, calcul):
    """What ``calcul`` gives for the year of the last notice of each, which ``avis`` says."""

    def celui_de_chacun(annees, par_annee):
        annees = chacun(population, annees)
        (_, valeurs), *autres = par_annee
        for annee, les_leurs in autres:
            valeurs = numpy.where(annees == annee, les_leurs, valeurs)
        return valeurs

    annees = lue(population, avis, period)
    presentes = une_fois(individu, variable, avis, (annees,), annees_presentes)
    par_annee = tuple((annee, calcul(periode(annee))) for annee in presentes)
    if len(par_annee) == 1:
        return par_annee[0][1]
    return une_fois(individu, variable, None, (annees, par_annee), celui_de_chacun)


def annees_presentes(annees):
    """Each of the years, once."""
    toutes = range(annees.min(), annees.max() + 1)
    return [annee for annee in toutes if (annees == annee).any()]


def parts(nombre):
    """Number of parts of the tax return (``nbptr``); none counts as one."""
    donnees = numpy.greater(nombre, 0)
    return nombre if donnees.all() else numpy.where(donnees, nombre, 1)


def situation(rni, nombre_parts, restant, limite):
    """Item of SituationFiscale: 0 not taxed, 1 first bracket, 2 beyond."""
    impose = positif(restant)
    au_dela = impose & (rni > limite * nombre_parts)
    return SituationFiscale.encode(impose.view("int8") + au_dela.view("int8"))


class cej_situation_fiscale_autonome(Choix):
    possible_values = SituationFiscale
    default_value = SituationFiscale.non_imposable
    label = "Situation du jeune, pris seul, au regard de l'impôt du dernier avis"
    documentation = "Une part, sans réduction ni crédit d'impôt ; la limite est celle du mois."
    reference = [D5131_19, CGI_197_MOIS]

    def formula_2022_03_01(individu, period, parameters):
        return selon_l_avis(
            *(individu, "cej_situation_fiscale_autonome"),
            *(individu, "cej_annee_avis_autonome", period),
            lambda avis: situation_autonome(individu, avis, period, parameters),
        )


def situation_autonome(individu, avis, period, parameters):
    """Item of SituationFiscale of the young person alone, by the incomes of a year."""

    def seul(rni, bareme, regles, lieux, limite):
        brut = apres_reduction_outre_mer(individu.menage, impot_brut(rni, 1, bareme), lieux)
        restant = impot_restant(brut, personne(individu), 0, 0, regles)
        return situation(rni, 1, restant, limite)

    impot_revenu = parameters(avis).impot_revenu
    impot = impot_revenu.calcul_impot_revenu
    lus = (
        donnee(individu, "cej_rni_autonome", avis),
        impot_revenu.bareme_ir_depuis_1945.bareme,
        regles_de(impot, personne(individu)),
        lieux_de_reduction(individu.menage, period, impot.plaf_qf.abat_dom),
        limite_premiere_tranche(period, parameters),
    )
    return une_fois(individu, "cej_situation_fiscale_autonome", avis, lus, seul)


def impot_brut(rni, nombre_parts, bareme):
    """Tax of the schedule (€/year) on each part, times the number of parts (CGI 197, I, 1)."""
    par_part = rni / nombre_parts
    impot = numpy.zeros_like(par_part)
    plus_haut = par_part.max(initial=0)
    # Bracket after bracket: the core makes tables of persons × brackets, five times as long.
    for seuil, suivant, taux in zip(
        bareme.thresholds, [*bareme.thresholds[1:], numpy.inf], bareme.rates, strict=True
    ):
        if plus_haut <= seuil:
            break
        if taux:
            dans = numpy.minimum(par_part, suivant)
            dans -= seuil
            numpy.maximum(dans, 0, out=dans)
            dans *= taux
            impot += dans
    impot *= nombre_parts
    return impot


def territoires(abat_dom):
    """Each reduction of CGI 197, I, 3, the lower first, with the places where it is had."""
    return (
        (
            abat_dom.guadeloupe_martinique_reunion,
            ("residence_guadeloupe", "residence_martinique", "residence_reunion"),
        ),
        (abat_dom.guyane_mayotte, ("residence_guyane", "residence_mayotte")),
    )


def lieux_de_reduction(menage, period, abat_dom):
    """Rate, ceiling (€/year) and homes of each place of CGI 197, I, 3, that is given."""
    return tuple(
        (regle.taux, regle.plaf, lue(menage, lieu, period))
        for regle, lieux in territoires(abat_dom)
        for lieu in lieux
        if est_fourni(menage, lieu, period)
    )


def apres_reduction_outre_mer(menage, brut, lieux):
    """Gross tax (€/year) less the reduction of CGI 197, I, 3; of two places, the higher one."""
    reduction = numpy.zeros(1)
    for taux, plafond, y_reside in lieux:
        montant = numpy.minimum(taux * brut, plafond)
        reduction = numpy.maximum(reduction, chacun(menage, y_reside) * montant)
    return brut - reduction if reduction.any() else brut


def regles_de(calcul, couple):
    """What the tax left to pay is computed by: both ceilings and the rate of the décote, floors."""
    decote, seuils = calcul.plaf_qf.decote, calcul.recouvrement
    return (
        decote.seuil_celib,
        decote.seuil_couple if numpy.any(couple) else None,
        decote.taux,
        seuils.min_avant_credits_impots,
        seuils.min_apres_credits_impots,
    )


def impot_restant(brut, couple, reductions, credits_impot, regles):
    """Tax left to pay (€/year) after décote, reductions, credits and both collection floors."""
    plafond, plafond_couple, taux, avant, apres = regles
    if plafond_couple is not None:
        plafond = numpy.where(couple, plafond_couple, plafond)
    avant_reductions = brut - numpy.clip(plafond - taux * brut, 0, brut)
    avant_credits = avant_reductions - reductions
    avant_credits *= avant_credits.round(DECIMALES) >= avant
    restant = avant_credits - credits_impot
    return restant * (restant.round(DECIMALES) >= apres)


@question(
    "Quel est votre propre revenu imposable pour {annee} ?",
    aide=(
        "Vos seuls revenus ; il ne compte que si l'organisme a décidé de ne pas regarder ceux de "
        "votre famille."
    ),
)
@seuls(
    "n'a de revenu du foyer fiscal",
    "impot_revenu",
    "contrat_engagement_jeune.montant_forfaitaire.premier_mois_nouvelle_limite",
)
class cej_rni_autonome(Montant):
    entity = Individu
    definition_period = DateUnit.YEAR
    unit = "€/an"
    label = "Revenu net imposable du jeune pris seul"
    documentation = "Ne compte que si le jeune est considéré comme fiscalement autonome."
    reference = D5131_19


class cej_annee_avis(Variable):
    value_type = int
    entity = FoyerFiscal
    definition_period = DateUnit.MONTH
    unit = "année"
    label = "Année des revenus du dernier avis d'impôt du foyer fiscal"
    documentation = (
        "L'année précédente à partir de septembre, l'avant-dernière auparavant. Un avis antérieur "
        "est retenu tant que le suivant n'est pas donné."
    )
    reference = D5131_19

    def formula_2022_03_01(foyer_fiscal, period, parameters):
        # That of whoever gave every notice: the simulation of populations knows who did not.
        return annee_de_l_avis(period, parameters).start.year


class cej_annee_avis_autonome(EntierDuMois):
    unit = "année"
    label = "Année des revenus du dernier avis d'impôt du jeune pris seul"
    documentation = "Comme cej_annee_avis, pour qui est considéré comme fiscalement autonome."
    reference = D5131_19

    def formula_2022_03_01(individu, period, parameters):
        return annee_de_l_avis(period, parameters).start.year


class cej_impot_du(MesureDuMois):
    unit = "€/an"
    label = "Impôt du foyer fiscal, d'après le dernier avis, dont la tranche du mois dépend"
    documentation = (
        "Celui que l'avis porte s'il est donné ; sinon le barème, la réduction du lieu de "
        "résidence outre-mer (CGI, article 197, I, 3), la décote, les réductions, les crédits et "
        "les seuils de recouvrement. Le lieu est celui du logement du jeune dans le mois."
    )
    reference = [D5131_19, CGI_197_MOIS, CGI_1657]

    def formula_2022_03_01(individu, period, parameters):
        foyer = individu.foyer_fiscal
        return selon_l_avis(
            *(individu, "cej_impot_du"),
            *(foyer, "cej_annee_avis", period),
            lambda avis: impot_du(individu, foyer, avis, period, parameters),
        )


def impot_du(individu, foyer, avis, period, parameters):
    """Tax (€/year) of the notice of a year: what it says if that was given, else the schedule."""

    def du_bareme(brut, couple, reductions, credits_impot, regles, lieux):
        brut, couple, reductions, credits_impot = (
            chacun(foyer, valeurs) for valeurs in (brut, couple, reductions, credits_impot)
        )
        brut = apres_reduction_outre_mer(individu.menage, brut, lieux)
        return impot_restant(brut, couple, reductions, credits_impot, regles)

    donne = impot_donne(foyer, avis)
    if donne is not None and (donne != IMPOT_NON_DONNE).all():
        return donne
    montants = parameters(period).contrat_engagement_jeune.montant_forfaitaire
    impot = parameters(avis).impot_revenu.calcul_impot_revenu
    couple = lue(foyer, "maries_ou_pacses", avis)
    lus = (
        lue(foyer, "cej_impot_brut", avis),
        couple,
        lue(foyer, "reductions", avis),
        lue(foyer, "credits_impot", avis) if montants.apres_credits_impot else 0,
        regles_de(impot, couple),
        lieux_de_reduction(individu.menage, period, impot.plaf_qf.abat_dom),
    )
    calcule = une_fois(individu, "cej_impot_du", avis, lus, du_bareme)
    if donne is None:
        return calcule
    return numpy.where(donne == IMPOT_NON_DONNE, calcule, donne)


def impot_donne(foyer_fiscal, avis):
    """Tax that each foyer gave (€/year), None when none did: the default stays unread."""
    holder = entite_de(foyer_fiscal).get_holder("cej_impot_restant_a_payer")
    if holder.variable.formulas or holder.get_array(avis) is not None:
        return foyer_fiscal("cej_impot_restant_a_payer", avis)
    return None


@question(
    "Quel montant d'impôt le foyer fiscal doit-il en tout sur les revenus de {annee} ?",
    aide=(
        "Le total de l'impôt net de l'avis, après réductions et crédits d'impôt mais avant "
        "déduction de ce qui a été prélevé à la source ; zéro si l'avis dit que le foyer n'est "
        "pas imposable."
    ),
)
class cej_impot_restant_a_payer(MontantDeLAvis):
    default_value = IMPOT_NON_DONNE
    label = "Impôt restant à payer d'après l'avis d'impôt"
    documentation = (
        "Tel que l'avis le porte, après décote, réductions, crédits et seuils de recouvrement. "
        "-1000000000 : non donné ; il est alors calculé (cej_impot_du)."
    )
    reference = [*CGI_197, CGI_1657]


class cej_impot_brut(MontantDeLAvis):
    label = "Impôt brut du foyer fiscal selon le barème et le quotient familial"
    documentation = (
        "Sans plafonnement du quotient familial : son avantage par demi-part dépasse celui que "
        "peut procurer une demi-part à un foyer que le barème laisse non imposable."
    )
    reference = CGI_197

    def formula_2020_01_01(foyer_fiscal, period, parameters):
        rni = donnee(foyer_fiscal, "rni", period)
        bareme = parameters(period).impot_revenu.bareme_ir_depuis_1945.bareme
        return impot_brut(rni, parts(donnee(foyer_fiscal, "nbptr", period)), bareme)


@question(
    (
        "La déclaration de revenus suivante vous a-t-elle laissé dans le foyer fiscal de votre "
        "famille, contrairement à ce qui était annoncé pour {mois} ?"
    ),
    aide="L'écart d'allocation est alors à rembourser.",
)
class cej_autonomie_non_confirmee(Fait):
    label = "La déclaration de l'année suivante n'a pas confirmé l'autonomie fiscale"
    documentation = "Le trop-perçu est alors remboursé : voir cej_trop_percu_autonomie."
    reference = D5131_19


# Comment chaque valeur se dit.


def avis_de(cas, nom="cej_annee_avis"):
    """Year of the incomes of the last notice."""
    return periode(cas.valeur(nom))


@calcul(cej_annee_avis, cej_annee_avis_autonome)
def ligne_annee_avis(cas):
    """Which notice is the last one, and why it is not that of the year before."""
    attendu = annee_de_l_avis(cas.periode, cas.droit).start.year
    if cas.resultat == attendu:
        return str(attendu), "le plus récent à cette date"
    return str(cas.resultat), f"le dernier donné : celui sur les revenus de {attendu} ne l'est pas"


@calcul(cej_impot_brut)
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


@calcul(cej_impot_du)
def ligne_impot_du(cas):
    """The tax that was given, or gross tax less décote, reductions and credits, unless waived."""
    avis = avis_de(cas)
    donne = cas.valeur("cej_impot_restant_a_payer", avis)
    if donne != IMPOT_NON_DONNE:
        return cas.nombre(donne), "donné d'après l'avis d'impôt"
    impot = cas.droit(avis).impot_revenu.calcul_impot_revenu
    brut = ligne_apres_reduction(cas, cas.ecrit("cej_impot_brut", avis), impot.plaf_qf.abat_dom)
    net = ligne_apres_decote(cas, brut, impot.plaf_qf.decote, cas.valeur("maries_ou_pacses", avis))
    montants = cas.droit().contrat_engagement_jeune.montant_forfaitaire
    credits_impot = cas.ecrit("credits_impot", avis) if montants.apres_credits_impot else "0"
    net += f" − {cas.ecrit('reductions', avis)} − {credits_impot}"
    if not cas.resultat:
        return "0", f"rien à recouvrer : {net}, {ligne_seuils(cas, impot.recouvrement)}"
    return net


def ligne_apres_reduction(cas, brut, abat_dom):
    """Gross tax less the reduction of the place of residence, as an expression."""
    reductions = [
        f"min({cas.nombre(regle.taux, 2)} × {brut} ; {cas.nombre(regle.plaf)})"
        for regle, lieux in territoires(abat_dom)
        if any(cas.valeur(lieu) for lieu in lieux)
    ]
    return f"({brut} − {reductions[-1]})" if reductions else brut


def ligne_apres_decote(cas, brut, decote, couple):
    """Gross tax less the décote, as an expression."""
    plafond = cas.nombre(decote.seuil_couple if couple else decote.seuil_celib)
    return f"{brut} − min(max({plafond} − {cas.nombre(decote.taux, 4)} × {brut} ; 0) ; {brut})"


def ligne_seuils(cas, seuils):
    """Both collection floors."""
    return (
        f"seuils de {cas.nombre(seuils.min_avant_credits_impots)} et "
        f"{cas.nombre(seuils.min_apres_credits_impots)} €"
    )


@calcul(cej_situation_fiscale_rattachement)
def ligne_rattachement(cas):
    """The notice that is read, the tax left to pay, then income by part against the limit."""
    avis = avis_de(cas)
    nombre_parts = cas.valeur("nbptr", avis) if cas.valeur("nbptr", avis) > 0 else 1
    phrase = phrase_situation(
        cas, cas.valeur("cej_impot_du"), cas.valeur("rni", avis) / nombre_parts
    )
    return f"avis d'impôt sur les revenus de {avis.start.year} : {phrase}"


@calcul(cej_situation_fiscale_autonome)
def ligne_situation_autonome(cas):
    """The same for the young person alone."""
    avis = avis_de(cas, "cej_annee_avis_autonome")
    rni = cas.valeur("cej_rni_autonome", avis)
    limite = limite_premiere_tranche(cas.periode, cas.droit)
    return (
        f"seul, une part, revenu de {cas.nombre(rni)} € en {avis.start.year} ; "
        f"limite de la première tranche {cas.nombre(limite)} €"
    )


def phrase_situation(cas, restant, par_part):
    """Why the foyer is in this tier."""
    if not positif(restant):
        return "il ne reste aucun impôt à payer"
    limite = limite_premiere_tranche(cas.periode, cas.droit)
    cote = "au plus" if par_part <= limite else "plus que"
    return (
        f"impôt restant à payer {cas.nombre(restant, 2)} € ; revenu par part "
        f"{cas.nombre(par_part, 2)} €, {cote} {cas.nombre(limite)} €"
    )


@calcul(cej_situation_fiscale)
def ligne_situation(cas):
    """Whether the young person is alone or in the foyer."""
    if cas.valeur("cej_autonomie_fiscale"):
        return "le jeune est considéré comme fiscalement autonome"
    return "d'après l'avis d'impôt du foyer, souvent celui des parents"


@changement(cej_situation_fiscale, 4)
def change_situation(cas, avant):
    """A new tax notice, or a decision on autonomy."""
    return f"situation fiscale : {cas.ecrit(cas.nom).lower()}"
