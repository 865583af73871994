"""The table of AKO's texts: whole, without doubles, in AKO's order, and printed as a version of AKO prints it."""

from __future__ import annotations

import pytest

from avi_schema import parse_version
from intent.ako.texts import StepTexts, printers, steps

STEPS = [pytest.param(step, id=step.step) for step in steps().values()]
VALIDATION = (
    *(
        "V1",
        "V2",
        "V2c",
        "V2d",
        "V2e",
        "V2f",
        "V2g",
        "V2h",
        "V2i",
        "V2j",
        "V3",
        "V4",
        "V4b",
        "V4c",
        "V4d",
        "V4f",
    ),
    *("V5", "V5b", "V5c", "V6", "V6b", "V6c", "V6d", "V6e", "V7", "V8", "V9b", "V9c", "V9d", "V10", "V11"),
)


@pytest.mark.parametrize("step", STEPS)
def test_a_step_has_texts_that_differ(step: StepTexts):
    assert step.texts or step.texts_of or step.step[0] in "DHS" or step.step in ("C7", "V4e"), (
        "only what AKO does not test is without a text, and what it passes over in silence"
    )
    assert all(other in steps() for other in step.texts_of)
    cases = [(text.case, text.since, text.until) for text in step.texts]
    assert len(set(cases)) == len(cases)
    for text in step.texts:
        assert all(parse_version(end) for end in (text.since, text.until) if end)
        assert step.text(text.case, parse_version(text.until or text.since or "2.2.1")) is text


def test_no_two_steps_have_one_text():
    texts = [text.text for step in steps().values() for text in step.texts]
    assert len(set(texts)) == len(texts)


def test_the_validation_stands_in_its_order():
    order = [step for step in steps() if step in VALIDATION]
    assert order == list(VALIDATION)
    assert all(steps()[step].group for step in VALIDATION if step != "V9d")


def test_a_text_is_filled_as_its_version_prints_it():
    labels = steps()["V5c"]
    line = (
        ' match with cluster name for SE group :seg. Expected Labels: [{"key":"clustername","value":"az1"}]'
    )
    assert labels.text(version=(2, 2, 1)).filled(group="seg", cluster="az1") == "Labels do not" + line
    assert labels.text(version=(1, 13, 4)).filled(group="seg", cluster="az1") == "Labels does not" + line
    with pytest.raises(KeyError, match="V2g"):
        steps()["V2g"].text(version=(1, 13, 1))


def test_a_text_of_two_steps_names_both():
    assert [step.step for step in printers(steps()["V2h"])] == ["V2h", "V4b"]
    assert steps()["V4b"].text("unset") is steps()["V2h"].text("unset")
