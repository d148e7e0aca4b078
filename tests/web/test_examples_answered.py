"""Each example of the OpenAPI document is answered, as it stands."""

import json

import pytest

from openfisca_cej.web.openapi import openapi_of


def examples(app):
    """Path, query and body of each example of a body."""
    for path, methods in openapi_of(app)["paths"].items():
        operation = methods.get("post")
        if operation is None:
            continue
        query = {
            parameter["name"]: parameter["example"]
            for parameter in operation.get("parameters", ())
            if parameter["required"]
        }
        for media_type, content in operation["requestBody"]["content"].items():
            named = content.get("examples") or {"example": {"value": content.get("example")}}
            for name, example in named.items():
                value = example["value"]
                body = value if isinstance(value, str) else json.dumps(value)
                yield f"{path} {media_type} {name}", path, query, media_type, body


def test_each_example_is_answered(app, client) -> None:
    told = list(examples(app))
    assert len(told) > 20
    wrong = []
    for name, path, query, media_type, body in told:
        answer = client.post(path, data=body, content_type=media_type, query_string=query)
        if answer.status_code != 200:
            wrong.append((name, answer.get_json()["detail_en"]))
    assert wrong == []


@pytest.mark.parametrize("form", ["person", "format"])
def test_what_may_be_left_out_has_no_example_that_all_must_obey(app, form) -> None:
    for methods in openapi_of(app)["paths"].values():
        for operation in methods.values():
            for parameter in operation.get("parameters", ()):
                assert parameter["name"] != form or "example" not in parameter
