"""Situations are read whole, or refused with the path of each fault."""

import copy

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openfisca_core.periods import period
from openfisca_core.simulations import SimulationBuilder

from openfisca_cej import situation_examples
from openfisca_cej.explain.situation import InvalidSituation, parse, read

LINA = {
    "individus": {"Lina": {"date_naissance": {"ETERNITY": "2004-03-01"}}},
    "familles": {"f": {"parents": ["Lina"]}},
    "foyers_fiscaux": {"ff": {"declarants": ["Lina"]}},
    "menages": {"m": {"personne_de_reference": "Lina"}},
}


def with_value(variable, values, plural="individus", instance="Lina"):
    """Lina's situation with one more variable."""
    document = copy.deepcopy(LINA)
    document[plural][instance][variable] = values
    return document


def faults(document, system):
    """Paths and French sentences of the faults."""
    with pytest.raises(InvalidSituation) as caught:
        read(document, system)
    return [(fault.path, fault.fr) for fault in caught.value.faults]


def test_a_situation_gives_what_the_core_gives(system):
    for name in situation_examples.noms():
        document = situation_examples.exemple(name)
        situation = read(document, system)
        core = SimulationBuilder().build_from_entities(system, document)
        assert situation.asked
        for _, variable, moment in situation.asked:
            computed = situation.simulation().calculate(variable, moment)
            assert computed.tolist() == core.calculate(variable, moment).tolist(), name


def test_what_is_supplied_is_told_from_what_is_asked(system):
    document = with_value("salaire_net", {"2025-05": 600, "2025-06": 0})
    document["individus"]["Lina"]["cej_allocation"] = {"2025-06": None}
    situation = read(document, system)
    wage = system.variables["salaire_net"]
    given = {str(item.period): item.value for item in situation.given(wage, "Lina")}
    assert given == {"2025-05": 600, "2025-06": 0}
    assert situation.asked == [("Lina", "cej_allocation", "2025-06")]
    assert situation.main_person() == "Lina"


def test_a_value_of_the_year_holds_in_its_months_but_the_precise_one_wins(system):
    situation = read(with_value("salaire_net", {"2025": 1200, "2025-05": 600}), system)
    wage = system.variables["salaire_net"]
    assert situation.given_for(wage, "Lina", period("2025-05")).value == 600
    assert situation.given_for(wage, "Lina", period("2025-06")).written == "2025"
    assert situation.given_for(wage, "Lina", period("2026-06")) is None


def test_variables_of_openfisca_france_are_set_aside_and_told(system):
    document = with_value("statut_marital", {"2025-05": "celibataire"})
    document["familles"]["f"]["paje_base"] = {"2025-05": 12}
    situation = read(document, system)
    assert situation.ignored == ["/individus/Lina/statut_marital", "/familles/f/paje_base"]
    assert "statut_marital" not in situation.document["individus"]["Lina"]


@pytest.mark.parametrize(
    ("variable", "values", "path", "words"),
    [
        ("salaire_nett", {"2025-05": 1}, "", "vouliez-vous dire « salaire_net »"),
        ("rsa", {"2025-05": 1}, "", "se donne dans « familles »"),
        ("salaire_net", 600, "", "une valeur par période"),
        ("salaire_net", [600], "", "une valeur par période"),
        ("salaire_net", {"2025-13": 1}, "/2025-13", "n'est pas une période"),
        ("salaire_net", {"0001-01": 1}, "/0001-01", "n'est pas une période"),
        ("salaire_net", {"2025-05": "1+1"}, "/2025-05", "n'est pas un nombre"),
        ("salaire_net", {"2025-05": [600]}, "/2025-05", "n'est pas un nombre"),
        ("salaire_net", {"2025-05": True}, "/2025-05", "n'est pas un nombre"),
        ("salaire_net", {"2025-05": -3}, "/2025-05", "est négatif : écrivez 0 ou plus"),
        ("salaire_net", {"2025-05": float("nan")}, "/2025-05", "n'est pas un nombre"),
        (
            "cej_sanction_taux",
            {"2025-07": 30},
            "/2025-07",
            "est trop grand : écrivez 1 au plus (limite fraction)",
        ),
        ("cej_sanction_duree", {"2025-07": 1.5}, "/2025-07", "n'est pas un nombre entier"),
        ("cej_sanction_motif", {"2025-07": "fraud"}, "/2025-07", "vouliez-vous dire « fraude »"),
        ("cej_sanction_motif", {"2025-07": 12}, "/2025-07", "n'est pas une de ses valeurs"),
        ("cej_sanction_motif", {"2025": "fraude"}, "/2025", "se donne pour un mois à la fois"),
        ("cej_rni_autonome", {"2025-07": 3}, "/2025-07", "se donne pour une année à la fois"),
        ("date_naissance", {"ETERNITY": "01/03/2004"}, "/ETERNITY", "n'est pas une date"),
        ("date_naissance", {"ETERNITY": "2004-02-30"}, "/ETERNITY", "n'est pas une date"),
        ("rqth", {"2025-05": "peu"}, "/2025-05", "n'est ni vrai ni faux : écrivez true ou false"),
    ],
)
def test_a_bad_value_is_refused_with_its_path(system, variable, values, path, words):
    [(where, told)] = faults(with_value(variable, values), system)
    assert where == f"/individus/Lina/{variable}{path}"
    assert words in told


@pytest.mark.parametrize(
    ("change", "where", "words"),
    [
        ({"individu": {}}, "/individu", "vouliez-vous dire « individus »"),
        ({"axes": []}, "/axes", "les axes"),
        ({"familles": []}, "/familles", "un objet est attendu"),
        ({"familles": {"f": {"parents": ["Lino"]}}}, "/familles/f/parents", "« Lina »"),
        ({"familles": {"f": {"parents": [1]}}}, "/familles/f/parents", "une liste de noms"),
        ({"familles": {"a/b": {"parents": ["x"]}}}, "/familles/a~1b/parents", "« x »"),
        (
            {"familles": {"f": {"parents": ["Lina"]}, "g": {"enfants": ["Lina"]}}},
            "/familles/g/enfants",
            "deux fois",
        ),
        ({"menages": {"m": {"personne_de_reference": ["Lina", "x"]}}}, "/menages/m/", "1 personne"),
        ({"individus": {}}, "/individus", "au moins une personne"),
        ({"individus": {" ": {}}, "familles": {}, "menages": {}}, "/individus/ ", "vide"),
    ],
)
def test_a_bad_structure_is_refused_with_its_path(system, change, where, words):
    told = faults({**LINA, **change}, system)
    assert any(path.startswith(where) and words in text for path, text in told), told


def test_all_the_faults_are_told_at_once(system):
    document = with_value("salaire_net", {"2025-05": "x", "2025-13": 1})
    document["individus"]["Lina"]["agee"] = {"2025-05": 3}
    assert len(faults(document, system)) == 3


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "ce n'est pas du JSON"),
        ('{"a": NaN}', "n'est pas un nombre"),
        ('{"a": 1, "a": 2}', "deux fois"),
        ("[" * 100_000, "imbriqué"),
        (b"\xff\xfe", "UTF-8"),
    ],
)
def test_bad_json_is_refused(text, words):
    with pytest.raises(InvalidSituation) as caught:
        parse(text)
    assert words in caught.value.faults[0].fr


def test_several_persons_and_none_asked(system):
    document = {"individus": {"a": {}, "b": {}}}
    with pytest.raises(InvalidSituation, match="which one"):
        read(document, system).main_person()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["individus", "familles", "Lina", "salaire_net", "2025-05", "parents", "x/y", ""]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(document=JSON)
def test_any_document_is_read_or_refused(system, document):
    try:
        situation = read([document] if isinstance(document, str) else document, system)
    except InvalidSituation as refused:
        told = refused.faults
    else:
        told = situation.persons
        situation.simulation()
    assert told
