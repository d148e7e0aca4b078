"""The OpenAPI 3.1 document: the routes, and a schema of situations made from the model."""

import copy
import datetime
from importlib import resources
from typing import Any

import yaml
from flask import Flask
from openfisca_core.entities import Entity, GroupEntity
from openfisca_core.indexed_enums import Enum
from openfisca_core.parameters import Parameter
from openfisca_core.periods import DateUnit
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

from openfisca_cej import bounds, situation_examples
from openfisca_cej.base import TIREES_DE
from openfisca_cej.explain import render
from openfisca_cej.explain.situation import (
    CONTROLS,
    LONGEST_NAME,
    read,
)
from openfisca_cej.population.schema import RESULT
from openfisca_cej.reading import largest, smallest
from openfisca_cej.reforms import tree, values
from openfisca_cej.reforms.draft import TEXTS
from openfisca_cej.reforms.switches import SWITCHES
from openfisca_cej.versions import package_version
from openfisca_cej.web import batch, calculate, inline, routes
from openfisca_cej.web.limits import Limits
from openfisca_cej.web.queries import Query, monthly_of_persons
from openfisca_cej.web.remark_headers import IGNORED, REMARKS
from openfisca_cej.web.routes import Body, Route

#: Periods and dates as they may be written.
YEAR, MONTH = "(19[0-9]{2}|20[0-9]{2}|2100)", "(0[1-9]|1[0-2])"
DAY = (
    f"{YEAR}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
    "|02-(0[1-9]|1[0-9]|2[0-9]))"
)
DATE = f"^{DAY}$"
ONE_MONTH = f"{YEAR}-{MONTH}|month:{YEAR}-{MONTH}(-01)?(:0{{0,2}}1)?"
ONE_YEAR = f"{YEAR}|year:{YEAR}(-01(-01)?)?(:0{{0,2}}1)?"
SPANS = (
    f"{YEAR}|month:{YEAR}-{MONTH}(-01)?:(0{{0,2}}[2-9]|0?[1-9][0-9]|1[01][0-9]|120)"
    f"|year:{YEAR}(-{MONTH}(-01)?)?(:(0{{0,2}}[1-9]|0?10))?"
)
EVER = f"[Ee][Tt][Ee][Rr][Nn][Ii][Tt][Yy]|{ONE_MONTH}|{SPANS}|{DAY}"

#: The dates of a reform, and its switches.
DATES = f"^{DAY}([.]{{2}}{DAY})?$"
SWITCH = f"^({'|'.join(SWITCHES)})([(](0|1|0[.][0-9]+)?[)])?$"

#: A name is not blank, and has no control character.
NAME = {
    "minLength": 1,
    "maxLength": LONGEST_NAME,
    "pattern": f"^[^{CONTROLS}]*[^\\s{CONTROLS}][^{CONTROLS}]*$",
}

PERIODS = {"month": "par mois", "year": "par an", "eternity": "une fois pour toutes"}

#: What the bodies are, by schema.
DESCRIPTIONS = {
    "Situation": "Une situation, comme OpenFisca les lit.",
    "Comparaison": "Une situation, et la réforme sous laquelle la regarder aussi.",
    "Declaration": "Une situation telle qu'elle a été déclarée, et telle qu'elle était.",
}

#: The reform of the examples.
REFORM_EXAMPLE = {
    "title": "Un forfait de 600 € pour les majeurs",
    "parameters": {
        "contrat_engagement_jeune.montant_forfaitaire.general.majeur_non_imposable": {
            "2024-01-01": 600
        }
    },
}

#: Types of answers that have a schema; the others are texts.
STRUCTURED = (routes.JSON, routes.YAML)

#: Key under which an application keeps its document.
KEPT = "CEJ_OPENAPI"

BATCH_EXAMPLES = {
    batch.NDJSON: (
        '{"individu_id": "a", "date_naissance": "2004-03-01", "salaire_net@2024-10": 300}\n'
        '{"individu_id": "b", "date_naissance": "2007-05-20"}\n'
    ),
    batch.CSV: "individu_id,date_naissance,salaire_net\na,2004-03-01,300\nb,2007-05-20,0\n",
}


def openapi_of(app: Flask) -> dict[str, Any]:
    """The document of an application, made once."""
    if KEPT not in app.config:
        app.config[KEPT] = document(app.config["CEJ_SYSTEM"], app.config["CEJ_LIMITS"])
    return app.config[KEPT]


def document(system: TaxBenefitSystem, limits: Limits) -> dict[str, Any]:
    """The document for a law and limits."""
    file = resources.files("openfisca_cej.web") / "openapi.yaml"
    spec: dict[str, Any] = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    spec["info"]["version"] = package_version()
    schemas = spec["components"]["schemas"]
    add_explanations(schemas)
    add_situations(schemas, system, limits)
    add_comparisons(schemas, system, limits)
    problem = routes.problem_example()
    schemas["Probleme"]["examples"] = [problem]
    for path in ("/calculate", "/trace"):
        operation = spec["paths"][path]["post"]
        operation["requestBody"] = body_of(routes.ALONE)
        add_refusals(operation, body=True)
    add_calculated_examples(spec["paths"], system)
    for route in routes.ROUTES:
        spec["paths"][route.path] = {"post": described(route, system)}
    spec["paths"]["/cej/batch"] = {"post": described_batch(limits, system)}
    spec["paths"]["/cej/resources"] = {"get": described_resources(system)}
    for methods in spec["paths"].values():
        for operation in methods.values():
            operation["responses"]["default"] = {"$ref": "#/components/responses/Autre"}
    return spec


def add_refusals(operation: dict[str, Any], body: bool) -> None:
    """The answers to a request that is refused."""
    refusals = {"400": "Illisible", "413": "TropGrand", "415": "TypeRefuse"} if body else {}
    for status, name in {**refusals, "422": "Incoherent"}.items():
        operation["responses"][status] = {"$ref": f"#/components/responses/{name}"}


def add_explanations(schemas: dict[str, Any]) -> None:
    """The schemas of an explanation, and of all that it holds."""
    explanation = relocated(render.schema())
    for name, schema in explanation.pop("$defs").items():
        schemas[name.title()] = schema
    del explanation["$schema"]
    schemas["Explanation"] = explanation


def relocated(schema: Any) -> Any:
    """A schema whose references are those of the document."""
    if isinstance(schema, list):
        return [relocated(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return reference(schema["$ref"].removeprefix("#/$defs/").title())
    return {key: relocated(item) for key, item in schema.items()}


# Reforms.


def add_comparisons(schemas: dict[str, Any], system: TaxBenefitSystem, limits: Limits) -> None:
    """The schemas of a reform, and of what is compared."""
    text = {"type": "string"}
    schemas["Reforme"] = {
        "description": (
            "Une réforme, comme dans un fichier de réforme. Une date seule : à partir de ce jour ; "
            "deux dates séparées par « .. » : entre ces jours compris. "
            f"{limits.changes} paramètres et valeurs au plus."
        ),
        "type": "object",
        "additionalProperties": False,
        "properties": {
            **dict.fromkeys(TEXTS, text),
            "references": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["title", "href"],
                    "additionalProperties": False,
                    "properties": {"title": text, "href": text},
                },
            },
            "parameters": {
                "description": "Pour chaque paramètre, ses valeurs par date.",
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    path: dated(system, path, parameter)
                    for path, parameter in tree.numbers(system.parameters).items()
                },
            },
            "switches": {
                "description": "Changements de règle, avec un nombre de 0 à 1 pour certains.",
                "type": "array",
                "items": {"type": "string", "pattern": SWITCH},
            },
        },
    }
    schemas["Comparaison"] = {
        "description": DESCRIPTIONS["Comparaison"],
        "type": "object",
        "required": list(inline.KEYS),
        "additionalProperties": False,
        "properties": {
            inline.SITUATION: reference("Situation"),
            inline.REFORM: reference("Reforme"),
        },
    }
    schemas["Declaration"] = {
        "description": DESCRIPTIONS["Declaration"],
        "type": "object",
        "required": list(inline.OWED),
        "additionalProperties": False,
        "properties": dict.fromkeys(inline.OWED, reference("Situation")),
    }


def dated(system: TaxBenefitSystem, path: str, parameter: Parameter) -> dict[str, Any]:
    """The schema of the values of a parameter by date."""
    unit = tree.metadata(system.parameters, path).get("unit")
    first = min(item.instant_str for item in parameter.values_list)
    return {
        "title": tree.label(system.parameters, path),
        "description": f"À partir du {first} au plus tôt.",
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": DATES},
        "additionalProperties": number_or_other(system, path, parameter, unit),
        "x-unit": unit,
    }


def number_or_other(
    system: TaxBenefitSystem, path: str, parameter: Parameter, unit: str | None
) -> dict[str, Any]:
    """The schema of one value of a parameter."""
    known = [item.value for item in parameter.values_list if item.value is not None]
    if isinstance(known[0], bool):
        return {"type": "boolean"}
    if isinstance(known[0], list):
        return {"type": "array", "items": {"type": "string", "enum": given_amounts(system)}}
    bound = bounds.of_parameter(path, unit, max(known))
    kind = "integer" if unit in values.WHOLE else "number"
    return {"type": kind, "minimum": bound.least, "maximum": bound.most}


def given_amounts(system: TaxBenefitSystem) -> list[str]:
    """The variables that a list of the law may name."""
    return [
        name
        for name in monthly_of_persons(system)
        if system.variables[name].value_type in (int, float)
        and (name in TIREES_DE or not system.variables[name].formulas)
    ]


# Situations.


def add_situations(schemas: dict[str, Any], system: TaxBenefitSystem, limits: Limits) -> None:
    """The schemas of the entities, and of the situations given and calculated."""
    given: dict[str, Any] = {}
    calculated: dict[str, Any] = {}
    for entity in system.entities:
        title = entity.key.title().replace("_", "")
        schemas[title] = instance(entity, system, given=True)
        schemas[f"{title}Calcule"] = instance(entity, system, given=False)
        many = {"description": entity.doc, "type": "object", "propertyNames": NAME}
        if entity.is_person:
            many |= {"minProperties": 1, "maxProperties": limits.persons}
        given[entity.plural] = {**many, "additionalProperties": reference(title)}
        calculated[entity.plural] = {
            "type": "object",
            "additionalProperties": reference(f"{title}Calcule"),
        }
        if not entity.is_person:
            given[entity.key] = reference(title)
            calculated[entity.key] = reference(f"{title}Calcule")
    person = system.person_entity.plural
    schemas["Situation"] = {
        "description": "Des personnes, leurs groupes, ce que l'on en sait ; null : à calculer.",
        "type": "object",
        "required": [person],
        "properties": given,
        "additionalProperties": False,
        "examples": [situation_examples.exemple("jeune_seul")],
    }
    schemas["SituationCalculee"] = {
        "description": "La situation, les null remplacés par ce qu'ils demandent.",
        "type": "object",
        "required": [person],
        "properties": calculated,
    }


def reference(name: str) -> dict[str, str]:
    """A reference to a schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def instance(entity: Entity | GroupEntity, system: TaxBenefitSystem, given: bool) -> dict[str, Any]:
    """The schema of one person or group."""
    properties = {}
    for role in entity.roles if isinstance(entity, GroupEntity) else ():
        person = {"type": "string", "minLength": 1}
        members: dict[str, Any] = {"type": "array", "items": person, "uniqueItems": True}
        if role.max:
            members["maxItems"] = role.max
        properties[role.plural or role.key] = {
            "description": role.doc,
            "anyOf": [members, person],
        }
    for name, variable in system.variables.items():
        if variable.entity.key == entity.key:
            properties[name] = by_period(variable, given)
    told = entity.doc
    if given:
        told += " Les autres variables d'OpenFisca-France sont acceptées et mises de côté."
    return {"description": told, "type": "object", "properties": properties}


def by_period(variable: Variable, given: bool) -> dict[str, Any]:
    """The schema of the values of a variable, by period."""
    schema: dict[str, Any] = {
        "title": variable.label,
        "type": "object",
        **values_of(variable, given),
    }
    if given:
        kind = "calculé" if variable.formulas else "donnée"
        when = PERIODS[str(variable.definition_period)]
        schema["description"] = f"{(variable.documentation or '').strip()} ({kind}, {when})"
        schema["x-unit"] = variable.unit or None
        schema["x-reference"] = variable.reference
    return schema


def values_of(variable: Variable, given: bool) -> dict[str, Any]:
    """The schema of the values by period: those of several months are given, never asked for."""
    one, several = written_periods(variable), SPANS if variable.set_input else ""
    found = value(variable, given)
    if variable.definition_period != DateUnit.MONTH or not several:
        return {"propertyNames": {"pattern": f"^({one})$"}, "additionalProperties": found}
    return {
        "patternProperties": {f"^({one})$": found, f"^({several})$": without_null(found)},
        "additionalProperties": False,
    }


def without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of a value that is given, and not asked for."""
    found = dict(schema)
    if "enum" in found:
        found["enum"] = [one for one in found["enum"] if one is not None]
    if isinstance(found.get("type"), list):
        (found["type"],) = (one for one in found["type"] if one != "null")
    return found


def written_periods(variable: Variable) -> str:
    """How the periods of a variable may be written."""
    if variable.definition_period == DateUnit.ETERNITY:
        return EVER
    if variable.definition_period == DateUnit.YEAR:
        return ONE_YEAR
    return ONE_MONTH


def value(variable: Variable, given: bool) -> dict[str, Any]:
    """The schema of one value; null asks for it."""
    if variable.value_type == Enum:
        items = {item.name: item.value for item in variable.possible_values}
        labels = " ; ".join(f"{name} : {text}" for name, text in items.items())
        return {"type": ["string", "null"], "enum": [*items, None], "description": labels}
    if variable.value_type is bool:
        return {"enum": [True, False, 0, 1, None]}
    if variable.value_type is datetime.date:
        return {"type": ["string", "null"], "format": "date", "pattern": DATE}
    kind = "integer" if variable.value_type is int else "number"
    if not given:
        return {"type": [kind, "null"]}
    return {
        "type": [kind, "null"],
        "minimum": smallest(variable),
        "maximum": largest(variable),
    }


def body_of(body: Body, about_one: bool = False) -> dict[str, Any]:
    """The body of the requests about a situation, alone or with something beside it.

    ``about_one``: what is told is told of one person, who is not named in the address.
    """
    examples = {
        name: {"summary": name.replace("_", " "), "value": example(body, name, about_one)}
        for name in situation_examples.noms()
    }
    return {
        "required": True,
        "description": DESCRIPTIONS[body.schema],
        "content": {"application/json": {"schema": reference(body.schema), "examples": examples}},
    }


def example(body: Body, name: str, about_one: bool) -> Any:
    """An example of a body."""
    situation = situation_examples.exemple(name)
    if about_one:
        _, *others = (p for p in situation["individus"].values() if RESULT in p)
        for person in others:
            del person[RESULT]
    if body is routes.ALONE:
        return situation
    if body is routes.WITH_DECLARED:
        return dict.fromkeys(inline.OWED, situation)
    return {inline.SITUATION: situation, inline.REFORM: REFORM_EXAMPLE}


def add_calculated_examples(paths: dict[str, Any], system: TaxBenefitSystem) -> None:
    """The answers of ``/calculate`` to the examples."""
    examples = {}
    for name in situation_examples.noms():
        given = situation_examples.exemple(name)
        answer = calculate.calculate(read(copy.deepcopy(given), system), given)
        examples[name] = {"summary": name.replace("_", " "), "value": answer}
    content = paths["/calculate"]["post"]["responses"]["200"]["content"]
    content["application/json"]["examples"] = examples


# The routes under /cej.


def described(route: Route, system: TaxBenefitSystem) -> dict[str, Any]:
    """The operation of a route about a situation."""
    content = {
        form.media_type: {
            "schema": route.answer if form.media_type in STRUCTURED else {"type": "string"}
        }
        for form in route.forms
    }
    operation = {
        "operationId": route.name,
        "tags": ["CEJ"],
        "summary": route.summary,
        "description": " ".join(route.description.split()),
        "parameters": [parameter(query, system) for query in route.queries],
        "requestBody": body_of(route.body, about_one=True),
        "responses": {"200": {"description": "La réponse", "content": content}},
    }
    add_refusals(operation, body=True)
    return operation


def parameter(query: Query, system: TaxBenefitSystem) -> dict[str, Any]:
    """A parameter of the address."""
    found: dict[str, Any] = {
        "name": query.name,
        "in": "query",
        "description": query.description,
        "required": query.required,
        "schema": query.schema(system) if callable(query.schema) else query.schema,
    }
    if found["schema"]["type"] == "array":
        found |= {"style": "form", "explode": False}
    return found if query.example is None else {**found, "example": query.example}


def described_resources(system: TaxBenefitSystem) -> dict[str, Any]:
    """The operation of the dictionary of resources."""
    content = {"schema": {"type": "array", "items": reference("Resource")}}
    operation = {
        "operationId": "resources",
        "tags": ["CEJ"],
        "summary": "Ce que chaque ressource fait à l'allocation, et par quel article",
        "description": (
            "Les ressources qui ont tous les mots cherchés, dans leur nom d'abord, puis dans leur "
            "documentation. Un mot qui ne ressemble à aucun de ceux des listes donne l'entrée "
            "sans nom de ce qui n'est sur aucune (cumulable, R5131-20, II) ; un mot mal écrit, une "
            "liste vide."
        ),
        "parameters": [parameter(query, system) for query in routes.RESOURCES_QUERIES],
        "responses": {"200": {"description": "Les ressources", "content": {routes.JSON: content}}},
    }
    add_refusals(operation, body=False)
    return operation


def described_batch(limits: Limits, system: TaxBenefitSystem) -> dict[str, Any]:
    """The operation of the batches."""
    answer = {media_type: {"schema": {"type": "string"}} for media_type in batch.WRITERS}
    operation = {
        "operationId": "batch",
        "tags": ["CEJ"],
        "summary": "Calculer des personnes en nombre, une par ligne",
        "description": (
            "Des personnes seules, une par ligne, en NDJSON ou en CSV, avec les colonnes de "
            "`openfisca-cej simulate` : `date_naissance`, `salaire_net` (chaque mois), "
            "`salaire_net@2025-03` (ce mois), `rni@2023`… La réponse a une ligne par personne, "
            "dans le même ordre : les valeurs par `variable@mois`, ou les fautes de la ligne "
            "(`errors` en NDJSON, la colonne `erreurs` en CSV). Les valeurs que le droit a fait "
            "changer depuis la dernière connue, et dont un montant de la ligne dépend, sont dites "
            "avec leurs mois (`frozen` en NDJSON, la colonne `valeurs_depassees` en CSV, absente "
            "quand aucune ligne n'en dépend). "
            f"Jusqu'à {limits.rows} lignes."
        ),
        "parameters": [parameter(query, system) for query in routes.BATCH_QUERIES],
        "requestBody": {
            "required": True,
            "description": "Une personne par ligne.",
            "content": {
                media_type: {"schema": {"type": "string", "minLength": 1}, "example": example}
                for media_type, example in BATCH_EXAMPLES.items()
            },
        },
        "responses": {
            "200": {
                "description": "Une ligne par personne",
                "headers": {
                    name: {"$ref": f"#/components/headers/{name}"} for name in (IGNORED, REMARKS)
                },
                "content": answer,
            }
        },
    }
    add_refusals(operation, body=True)
    return operation
