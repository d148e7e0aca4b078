"""What the rules share: exact amounts, thresholds of dates, inputs that were supplied."""

import datetime
import functools
from collections.abc import Callable
from typing import Any

import numpy
from openfisca_core.holders import set_input_dispatch_by_period, set_input_divide_by_period
from openfisca_core.indexed_enums import Enum, EnumArray
from openfisca_core.periods import DateUnit, Period
from openfisca_core.periods import period as parsed
from openfisca_core.projectors import Projector
from openfisca_core.variables import Variable

from openfisca_cej.declarations import Ecrite
from openfisca_cej.entities import FoyerFiscal, Individu, Menage


def jour(date):
    """Number of the day (YYYY-MM-DD) since 1970-01-01."""
    return int(numpy.datetime64(date, "D").astype(int))


#: The day that stands for none, and its number.
AUCUN_JOUR = datetime.date(1970, 1, 1)
NON_DONNEE = 0

#: First day of the scheme (decree 2022-199, article 3): no contract, and no parameter, before.
CREATION = jour("2022-03-01")

#: The last month in which one could enter the Garantie jeunes, taken when the entry is not given.
DERNIERE_ENTREE_GARANTIE_JEUNES = jour("2022-02-01")

#: Computed variables that are nil unless one of these inputs was supplied.
TIREES_DE = {
    "cej_indemnites_journalieres_non_ventilees": ("indemnites_journalieres",),
    "cej_revenus_micro_entreprise": (
        "rpns_auto_entrepreneur_CA_achat_revente",
        "rpns_auto_entrepreneur_CA_bic",
        "rpns_auto_entrepreneur_CA_bnc",
    ),
}

#: Facts that are given, or presumed from another where nobody says.
PRESUMEES = {"rqth": "handicap"}

#: Value of the input `age` that was not given (the same as in OpenFisca-France).
AGE_NON_DONNE = -9999

#: Half a centime is decided exactly: see `arrondi_au_centime`.
MARGE = 2e-10

#: Taxes, and parts of turnovers, are exact decimals of at most so many digits: the rest is noise.
DECIMALES = 8

#: What is read as half a centime may be written a little under it in floats.
MARGE_DE_LECTURE = 1e-7

#: Below it an amount (€) is nothing once read to the centime.
DEMI_CENTIME = 0.005


class Genre(Variable):
    """A kind of variables: what all of them are is said once, when the kind is declared.

    It is written in each of them, since core reads attributes from the class of a variable alone.
    """

    def __init_subclass__(cls, **communs: Any) -> None:
        super().__init_subclass__()
        if communs:
            cls._communs = {**getattr(cls, "_communs", {}), **communs}
            return
        for nom, valeur in getattr(cls, "_communs", {}).items():
            if nom not in cls.__dict__:
                setattr(cls, nom, valeur)


class Montant(Genre, value_type=float):
    """A float variable kept in float64: float32 sends 0.36 % of amounts to a wrong centime."""

    def __init__(self, baseline_variable=None) -> None:
        super().__init__(baseline_variable)
        self.dtype = numpy.dtype("float64")


class MesureDuMois(Montant, entity=Individu, definition_period=DateUnit.MONTH):
    """A number of a person in a month: a fraction, hours."""


class MontantDuMois(MesureDuMois, unit="€/mois"):
    """Euros of a person in a month."""


class MontantDeLAvis(Montant, entity=FoyerFiscal, definition_period=DateUnit.YEAR, unit="€/an"):
    """Euros of a tax notice."""


class EntierDuMois(Genre, value_type=int, entity=Individu, definition_period=DateUnit.MONTH):
    """A whole number of a person in a month: a rank, a length."""


class Ressource(MontantDuMois, set_input=set_input_divide_by_period):
    """An input: what a person, or a family, receives in a month (€)."""


class Constat(Genre, value_type=bool, entity=Individu, definition_period=DateUnit.MONTH):
    """A yes or no about a person in a month."""


class Fait(Constat, set_input=set_input_dispatch_by_period):
    """An input: a yes or no that may be given for several months at once."""


class FaitDurable(Constat, definition_period=DateUnit.ETERNITY):
    """An input: a yes or no about a person, whatever the month."""


class Choix(Genre, value_type=Enum, entity=Individu, definition_period=DateUnit.MONTH):
    """An item of a list, of a person in a month."""


class Lieu(Fait, entity=Menage):
    """An input: whether the home is in a place of its own rules."""


class JourDonne(
    Genre,
    value_type=datetime.date,
    default_value=AUCUN_JOUR,
    entity=Individu,
    definition_period=DateUnit.ETERNITY,
    unit="date",
):
    """An input: a day of the life of a person; the first of 1970 where none is given."""


def arrondi_au_centime(montants: numpy.ndarray) -> numpy.ndarray:
    """Round euros half up to the centime, exactly.

    In centimes an allowance is a fraction whose denominator is at most
    2 × (8 S − 3000 €) × 1000, in tenths of centimes and thousandths of the sanction rate:
    below 2.5e9. A value under a half-centime is therefore at least 4e-10 under it, while
    float64 errs by less than 1e-10 on amounts under 1 000 €: the margin of 2e-10 sends the
    exact halves up, and nothing else. The turnover of the micro scheme (29 % of centimes) divides
    this by 100: a sanction rate in thousandths could then, alone, send up what lies that near.
    """
    centimes = montants * 100
    centimes += 0.5 + MARGE
    numpy.floor(centimes, out=centimes)
    centimes /= 100
    return centimes


def premier_jour(period, mois=0):
    """Number of the first day of the month, ``mois`` months later."""
    return premier_du_mois(12 * (period.start.year - 1970) + period.start.month - 1 + mois)


@functools.cache
def premier_du_mois(numero):
    """Number of the first day of a month counted from 1970-01."""
    return int(numpy.datetime64(numero, "M").astype("datetime64[D]").astype(int))


def a_atteint(individu, period, age):
    """Who has reached ``age`` (years) on the first day of the month.

    Birth dates are compared with a threshold: computing ages would cost more than all the
    other rules together. An age counts only for a person whose birth date was not given: the
    callers that send both take the age on the day of the request, not on the first of the month.
    """
    naissance = jours(individu, "date_naissance", period)
    reconnu = naissance <= premier_jour(period, -12 * age)
    if not individu.get_holder("age").get_known_periods():
        return reconnu
    ages = individu("age", period)
    connue = (naissance != NON_DONNEE) | (ages == AGE_NON_DONNE)
    return numpy.where(connue, reconnu, ages >= age)


def annee_de_l_avis(period: Period, droit: Callable[[Period], Any]) -> Period:
    """Year of the incomes of the last tax notice, received in the summer of the year after.

    ``droit`` gives the parameters of a period: those of a formula, of a case or of a system.
    """
    montants = droit(period).contrat_engagement_jeune.montant_forfaitaire
    return avant_le_dernier(montants.premier_mois_nouvel_avis, period)


def limite_premiere_tranche(period: Period, droit: Callable[[Period], Any]) -> Any:
    """Upper limit (€/part) of the first taxed bracket, the one at 11 %, on the last 1 April."""
    montants = droit(period).contrat_engagement_jeune.montant_forfaitaire
    annee = avant_le_dernier(montants.premier_mois_nouvelle_limite, period)
    return droit(annee).impot_revenu.bareme_ir_depuis_1945.bareme.thresholds[2]


@functools.lru_cache(maxsize=4096)
def periode(ecrite: int | str) -> Period:
    """The period written: reading one costs as much as a rule, and the same few are asked for."""
    return parsed(ecrite)


@functools.lru_cache(maxsize=65_536)
def mois_apres(period: Period, nombre: int) -> Period:
    """The month so many months after (before, when negative): the core asks a calendar library."""
    return period.offset(nombre)


def avant_le_dernier(mois: int, period: Period) -> Period:
    """The year before that of the last such month: April, September…"""
    return periode(period.start.year - (1 if period.start.month >= mois else 2))


def est_fourni(population, variable, period):
    """Tell whether the variable has a value in this month: supplied, or computed by a formula.

    In a traced simulation every variable counts, so that the trace shows what was assumed.
    """
    entite = entite_de(population)
    if variable in PRESUMEES:
        # Nobody gave it: it is nil, unless what it is presumed from was given.
        return bool(entite.get_holder(variable).get_known_periods()) or est_fourni(
            entite, PRESUMEES[variable], period
        )
    # Only simulations of the package know at once that nobody gave an input.
    known = getattr(entite, "has_value", None)
    return known(variable, period) if known else a_une_valeur(entite, variable, period)


def a_une_valeur(entite, variable, period):
    """The same, asked of a simulation of the core's own."""
    holder = entite.get_holder(variable)
    return (
        bool(holder.variable.formulas)
        or holder.get_array(period) is not None
        or holder.simulation.trace
    )


def entite_de(population):
    """The entity behind a projector (``individu.famille``), or the entity itself.

    The core's projectors look for a shortcut of the name before they pass a call on.
    """
    return population.reference_entity if isinstance(population, Projector) else population


def valeurs_par_defaut(variable: Any, nombre: int) -> numpy.ndarray:
    """The default of a variable, so many times.

    As ``default_array`` of the core, which compares types by the hashes of their names: with the
    check of what formulas return, a tenth of the time of a request.
    """
    valeurs = numpy.empty(nombre, dtype=variable.dtype)
    if variable.value_type is Enum:
        valeurs.fill(variable.default_value.index)
        return EnumArray(valeurs, variable.possible_values)
    valeurs.fill(variable.default_value)
    return valeurs


def est_donne(individu, variable, period):
    """Whether someone gave the variable itself in the month, be it a computed one."""
    return period in individu.get_holder(variable).get_known_periods()


def donnee(population, variable, period):
    """Values of an input for each person (or group), read without storing anything.

    ``population`` is an entity or a projector (``individu.famille``). Where nobody supplied
    the input, its default is neither projected nor kept: simulations of millions of persons
    would otherwise spend most of their memory on inputs that nobody has.
    """
    if est_fourni(population, variable, period):
        return population(variable, period)
    simulation = entite_de(population).simulation
    nombre = simulation.persons.count if isinstance(population, Projector) else population.count
    return valeurs_par_defaut(simulation.tax_benefit_system.variables[variable], nombre)


def lue(population, variable, period):
    """Values of an input as they are kept, by person or group: its default where nobody gave it.

    What is the same from one month to the next is then the same array: see ``une_fois``.
    """
    entite = entite_de(population)
    if est_fourni(entite, variable, period):
        return entite(variable, period)
    return entite.simulation.tax_benefit_system.variables[variable].default_value


def une_fois(
    population: Any, variable: str, annee: Any, lus: tuple[Any, ...], calcul: Callable[..., Any]
) -> Any:
    """``calcul(*lus)``, not done again in the months that read the same for a year (None: for all).

    ``calcul`` looks at nothing else; what it gave is kept with the variable, and is not changed.
    """
    souvenirs = vars(population.get_holder(variable)).setdefault("souvenirs", {})
    if annee not in souvenirs or not memes(souvenirs[annee][0], lus):
        souvenirs[annee] = lus, calcul(*lus)
    return souvenirs[annee][1]


def memes(uns: Any, autres: Any) -> bool:
    """Whether what was read is the same: the same arrays and scales, equal numbers, tuples of them.

    Scales cannot be compared: where the law has moved, another one is another law.
    """
    if isinstance(uns, tuple):
        return len(uns) == len(autres) and all(map(memes, uns, autres))
    numbers = all(isinstance(one, int | float | numpy.number) for one in (uns, autres))
    return uns is autres or (numbers and bool(uns == autres))


def chacun(projecteur, valeurs):
    """Values of groups (``lue``) for each of their members; those of persons stay as they are."""
    groupes = isinstance(valeurs, numpy.ndarray) and isinstance(projecteur, Projector)
    return projecteur.transform(valeurs) if groupes else valeurs


def jours(individu, variable, period):
    """Day numbers of a date input: NumPy compares dates eight times slower than integers."""
    return donnee(individu, variable, period).view("int64")


def en_table(nombre):
    """Read in a table what a function gives of the numbers below: quicker than the calendar."""

    def decorer(calcul):
        table = functools.cache(lambda: calcul(numpy.arange(nombre)))

        @functools.wraps(calcul)
        def lu(numeros):
            connus = numeros.min(initial=0) >= 0 and numeros.max(initial=0) < nombre
            return table().take(numeros) if connus else calcul(numeros)

        return lu

    return decorer


@en_table(365 * 130)
def mois_civils(numeros):
    """Civil months (datetime64) of day numbers."""
    return numeros.view("datetime64[D]").astype("datetime64[M]")


@en_table(12 * 130)
def debuts(numeros):
    """Numbers of the first days of numbers of months."""
    return numeros.view("datetime64[M]").astype("datetime64[D]").view("int64")


def premiers_jours(mois: Any, decalage: Any = 0) -> Any:
    """Numbers of the first days of civil months, ``decalage`` months later."""
    return debuts(mois.view("int64") + decalage)


def plus_mois(numeros: Any, nombre: Any) -> Any:
    """Same day of the month ``nombre`` months later; the last of the month where it has none."""
    mois = mois_civils(numeros)
    quantiemes = numeros - premiers_jours(mois)
    cible = mois + numpy.asarray(nombre, dtype="timedelta64[M]")
    debut = premiers_jours(cible)
    return debut + numpy.minimum(quantiemes, premiers_jours(cible, 1) - debut - 1)


def a_la_signature(individu, variable, period, concernes, valeurs):
    """``valeurs``, replaced for ``concernes`` by those of the month in which each signed before."""
    signature = jours(individu, "cej_date_signature", period)
    concernes = concernes & (signature >= CREATION) & (signature < premier_jour(period))
    mois_signature = mois_civils(signature)
    for mois in numpy.unique(mois_signature[concernes]):
        alors = individu(variable, periode(str(mois)))
        valeurs = numpy.where(concernes & (mois_signature == mois), alors, valeurs)
    return valeurs


def entree_garantie_jeunes(individu, period):
    """Day (number) of the entry into the Garantie jeunes, the latest possible where not given."""
    entree = jours(individu, "cej_garantie_jeunes_date_entree", period)
    return numpy.where(entree == NON_DONNEE, DERNIERE_ENTREE_GARANTIE_JEUNES, entree)


def a_signe(individu, period):
    """Whose contract is signed by the end of the month."""
    signature = jours(individu, "cej_date_signature", period)
    return (signature != NON_DONNEE) & (signature < premier_jour(period, 1))


def bornes(mois):
    """Numbers of the first day of a month and of the next one."""
    return premier_jour(mois), premier_jour(mois, 1)


def du_contrat(individu, period, parameters, debut, lendemain):
    """Whether what happened in an earlier month belongs to the contract that runs in ``period``.

    ``debut`` and ``lendemain``: first day (number) of the month of the event and of the next, one
    for all or one a person.
    """
    dates = (jours(individu, nom, period) for nom in DATES_DU_CONTRAT)
    signes, sans_date = apres_le_precedent(*dates, debut, lendemain)
    return signes | (sans_date & est_assez_recent(debut, period, parameters))


#: The dates that say to which contract belongs what happened.
DATES_DU_CONTRAT = ("cej_date_signature", "cej_date_fin_precedent")


def apres_le_precedent(signature, fin_precedent, debut, lendemain):
    """To whom what happened in a month did in the contract that they signed, or may have done.

    The one rule for failings, primes d'activité, payments and files: not after the month in which
    the previous contract ended, it belongs to that one. It may be of the contract of those who
    have no date of signature: see ``est_assez_recent``.
    """
    depuis = fin_precedent < debut
    sans_date = depuis & (signature == NON_DONNEE)
    return depuis & ~sans_date & (signature < lendemain), sans_date


def est_assez_recent(debut, period, parameters):
    """Whether a month is of the contract that has no date of signature.

    What is older than the longest first length belongs to an earlier contract.
    """
    contrat = parameters(period).contrat_engagement_jeune.contrat
    return debut >= premier_jour(period, -contrat.duree_maximale)


class Evenements:
    """What happened in the months before: kept from one month to the next, which adds its own.

    ``tous``: to whom it ever happened; ``signes``: to whom, in the contract that they signed;
    ``sans_date``: for each month, to whom with no date of signature.
    """

    def __init__(self, dates, nombre):
        self.dates = dates
        self.vus = []
        self.tous = numpy.zeros(nombre, dtype=bool)
        self.signes = numpy.zeros(nombre, dtype=bool)
        self.sans_date = []

    def precedent(self, dates, evenements):
        """Whether these events begin with those that are counted, of the same persons."""
        memes = len(self.vus) <= len(evenements) and all(
            vu[0] == autre[0] and vu[1] is autre[1] and vu[2] == autre[2]
            for vu, autre in zip(self.vus, evenements, strict=False)
        )
        return memes and all(a is b for a, b in zip(self.dates, dates, strict=True))

    def copie(self):
        """The same, to which events are added: a copy of the simulation keeps its own."""
        autre = Evenements(self.dates, 0)
        autre.vus, autre.sans_date = [*self.vus], [*self.sans_date]
        autre.tous, autre.signes = self.tous.copy(), self.signes.copy()
        return autre

    def ajoute(self, evenement, signature, fin_precedent):
        """Count an event: its month, values by person, and the least value that makes it one."""
        mois, valeurs, seuil = evenement
        debut, lendemain = bornes(mois)
        qui = numpy.flatnonzero(valeurs >= seuil)
        self.tous[qui] = True
        signes, sans_date = apres_le_precedent(signature[qui], fin_precedent[qui], debut, lendemain)
        self.signes[qui[signes]] = True
        if sans_date.any():
            self.sans_date.append((debut, qui[sans_date]))
        self.vus.append(evenement)

    def du_contrat(self, period, parameters):
        """To whom it happened in the contract that runs in ``period``."""
        touches = self.signes.copy()
        for debut, qui in self.sans_date:
            touches[qui] |= est_assez_recent(debut, period, parameters)
        return touches


def evenements_passes(individu, period, variable, evenements):
    """What the events of earlier months (in order) make: see Evenements.

    Each is a month, the values of the month and the least one that makes an event. Counting all of
    them again each month would cost more and more as months go by.
    """
    cle = [individu.get_holder(nom).get_array(period) for nom in DATES_DU_CONTRAT]
    holder = individu.get_holder(variable)
    passes = getattr(holder, "evenements", None)
    if passes is None or not passes.precedent(cle, evenements):
        passes = Evenements(cle, individu.count)
    elif len(passes.vus) < len(evenements):
        passes = passes.copie()
    signature, fin_precedent = (jours(individu, nom, period) for nom in DATES_DU_CONTRAT)
    for evenement in evenements[len(passes.vus) :]:
        passes.ajoute(evenement, signature, fin_precedent)
    holder.evenements = passes
    return passes


def personne(population):
    """False for everyone: nobody is concerned."""
    return numpy.zeros(population.count, dtype=bool)


def mois_fournis(individu, variable):
    """Months for which someone supplied the variable, in order."""
    connus = individu.get_holder(variable).get_known_periods()
    return sorted(connus, key=premier_jour) if len(connus) > 1 else connus


def valeurs_fournies(individu, variable, mois):
    """Values known of a month that someone gave: the default for those who did not."""
    holder = individu.get_holder(variable)
    valeurs = holder.get_array(mois)
    return holder.values_given(mois) if valeurs is None else valeurs


def mois_anterieurs(population, variable, period, debut):
    """Months before ``period`` in which the variable counts, in order.

    Those it was supplied for; all since the month of the day ``debut()`` where it has a formula
    (OpenFisca-France): the months it happens to have been computed for say nothing.
    """
    if population.get_holder(variable).variable.formulas:  # pragma: no cover (tests/france)
        return mois_depuis(debut(), period)
    connus = mois_fournis(population, variable)
    return [mois for mois in connus if premier_jour(mois) < premier_jour(period)]


def mois_depuis(jour_de_debut, period):  # pragma: no cover (on OpenFisca-France: tests/france)
    """Months from the one of a day number to the one before ``period``."""
    premier = mois_civils(numpy.array(jour_de_debut)).astype(int)
    present = 12 * (period.start.year - 1970) + period.start.month - 1
    return [period.offset(numero - present) for numero in range(int(premier), present)]


def somme(individu, variables, period):
    """Total of the variables in the month (€), each read to the centime, never negative.

    A resource that nobody supplied counts for nothing and is not even asked for: most of
    the resources of the decree are absent from most populations.
    """
    fournies = [
        variable
        for variable in variables
        if (compte if variable in TIREES_DE else est_fourni)(individu, variable, period)
    ]
    if not fournies:
        return numpy.zeros(individu.count)
    lus = (en_centimes(individu(variable, period), variable) for variable in fournies)
    total = next(lus)
    for centimes in lus:
        total += centimes
    total /= 100
    return numpy.maximum(total, 0, out=total)


def compte(individu, variable, period):
    """Whether a computed resource was given, or something that it is made of."""
    return est_donne(individu, variable, period) or any(
        est_fourni(individu, nom, period) for nom in donnees_de(variable)
    )


def en_centimes(montants: Any, variable: str) -> Any:
    """Centimes of amounts (€): whole ones for an input, read half up; as they are if computed."""
    centimes = montants * 100
    if variable in TIREES_DE:
        return centimes
    centimes += 0.5 + MARGE_DE_LECTURE
    return numpy.floor(centimes, out=centimes if numpy.ndim(centimes) else None)


def donnees_de(variable: str) -> tuple[str, ...]:
    """Inputs that a resource of a list is made of: itself, unless it is computed."""
    return TIREES_DE.get(variable, (variable,))


def positif(montants: Any) -> Any:
    """Whether amounts (€) are more than nothing, read to the centime: from half a centime on."""
    return montants >= DEMI_CENTIME


def variables_de(node: Any) -> list[str]:
    """Names of variables in all the lists of a parameter node, in the order of the node."""
    return [variable for liste in node for variable in node[liste]]


def ecart_degressivite(part_smic: Any, smic: Any, abattement: Any) -> Any:
    """D5131-23, 2° (€/month): the share of the SMIC less the disregard, by which one divides."""
    return part_smic * smic - abattement


def apres_ressources(
    forfait: Any,
    coefficient: Any,
    deductibles: Any,
    partiellement_deductibles: Any,
    abattement: Any,
) -> Any:
    """R5131-20, I (€/month): the lump sum less all of R5131-21, less a part of R5131-22.

    Of the partially deductible resources, what exceeds the disregard is weighted by the
    coefficient of D5131-23, 2°. Never negative, not rounded.
    """
    excedent = partiellement_deductibles - abattement
    numpy.maximum(excedent, 0, out=excedent)
    numpy.multiply(coefficient, excedent, out=excedent)
    montant = forfait - deductibles
    montant -= excedent
    return numpy.maximum(montant, 0, out=montant)


def ligne_apres_ressources(cas, forfait, coefficient, connus):
    """R5131-20, I, as the rule computes it; where the values are known, without what is nil."""

    def lu(nom, peut_manquer=False):
        valeur = cas.valeur(nom) if connus else None
        return Ecrite(cas.ecrit(nom), valeur, nul=peut_manquer and valeur == 0)

    abattement = cas.droit().contrat_engagement_jeune.ressources.degressivite.abattement
    return apres_ressources(
        lu(forfait),
        lu(coefficient),
        lu("cej_ressources_deductibles", peut_manquer=True),
        lu("cej_ressources_partiellement_deductibles"),
        Ecrite(cas.nombre(abattement), abattement if connus else None),
    ).texte
