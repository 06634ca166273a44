import json

import pytest
from pydantic import ValidationError

from search.verdict.document import VerdictDocument
from tests.search.verdict.documents import CONTRACT, changed


def test_document_has_the_names_and_the_order_of_the_contract():
    """Reading the contract's JSON and writing it again changes not a byte."""
    written = VerdictDocument.model_validate(CONTRACT).to_json()
    assert json.dumps(written) == json.dumps(CONTRACT)
    assert written == CONTRACT


def test_written_document_reads_back_equal():
    """Through JSON text nothing is lost."""
    document = VerdictDocument.model_validate(CONTRACT)
    assert VerdictDocument.model_validate_json(json.dumps(document.to_json())) == document


def test_nothing_finished_means_no_champion():
    """The champion may be null, and stays in the document as null."""
    assert VerdictDocument.model_validate(changed(champion=None)).to_json()["champion"] is None


def test_schema_is_written_without_being_given():
    """A document made by the program carries the version of its format."""
    fields = {name: value for name, value in CONTRACT.items() if name != "schema"}
    assert VerdictDocument.model_validate(fields).to_json()["schema"] == 1


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"schema": 2}, "schema"),
        ({"winners": []}, "winners"),
        ({"fairness": {**CONTRACT["fairness"], "score": 1}}, "score"),
        ({"budget": {**CONTRACT["budget"], "core_seconds": float("nan")}}, "finite"),
        ({"components": [{**CONTRACT["components"][0], "decision": "maybe"}]}, "decision"),
    ],
)
def test_refuses_what_the_contract_does_not_say(fields, message):
    """Another version, an unknown field at any depth, a NaN, or an unknown decision is an error."""
    with pytest.raises(ValidationError, match=message):
        VerdictDocument.model_validate(changed(**fields))


@pytest.mark.parametrize("missing", sorted(set(CONTRACT) - {"schema"}))
def test_every_field_is_required(missing):
    """A reader finds every field of the contract."""
    with pytest.raises(ValidationError, match=missing):
        VerdictDocument.model_validate({name: value for name, value in CONTRACT.items() if name != missing})


def test_document_cannot_be_changed():
    """A verdict is a record."""
    document = VerdictDocument.model_validate(CONTRACT)
    with pytest.raises(ValidationError, match="frozen"):
        document.winner = "attention"
