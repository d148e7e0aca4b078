"""A young person of the tests of reconciliations."""

import pytest


@pytest.fixture
def young():
    """A document: an adult of 20 whose contract was signed on a day, with what else is given."""

    def document(signed: str, **given):
        person = {
            "date_naissance": {"ETERNITY": f"{int(signed[:4]) - 20}-01-15"},
            "cej_date_signature": {"ETERNITY": signed},
            **given,
        }
        return {"individus": {"Inès": person}}

    return document
