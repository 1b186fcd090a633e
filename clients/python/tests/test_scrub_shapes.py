"""No key stands here as it would be used: see theirs.filled()."""
import re

import pytest

from flawless import _scrub_shapes
from flawless._scrub import TextScrubber, name_checker
from linear import assert_linear
from theirs import between, filled, literals, source


def literals_of(test):
    return literals("scrub_shapes_test.cc", f"ScrubShapes, {test}")


HIDDEN = [literal for test in ("AreHidden", "CutOff") for literal in literals_of(test)]
LOOK_ALIKES = literals_of("LeaveWhatOnlyLooksLikeThem")
HOSTILE = literals_of("HostileTextIsLinear")


def test_the_servers_are_found():
    rows = re.findall(r'\{"([^"]+)", k(\w+), (\d+)\}', between(source("scrub_shapes.cc"), "kShapes[] = {", "\n};"))
    assert {first: (body.lower(), int(least)) for first, body, least in rows} == _scrub_shapes._SHAPES
    assert len(HIDDEN) > 80 and len(LOOK_ALIKES) > 60 and len(HOSTILE) > 30


@pytest.mark.parametrize("sent, shown", list(zip(HIDDEN[::2], HIDDEN[1::2])))
def test_what_the_server_hides(sent, shown):
    scrubber = TextScrubber(name_checker())
    assert scrubber.text(filled(sent)) == shown
    assert scrubber.text(shown) == shown


@pytest.mark.parametrize("text", LOOK_ALIKES)
def test_what_the_server_leaves(text):
    assert TextScrubber(name_checker()).text(filled(text)) == filled(text)


@pytest.mark.parametrize("form", sorted(_scrub_shapes._SHAPES))
def test_every_shape_is_looked_for(form):
    body, least = _scrub_shapes._SHAPES[form]
    key = form + filled(f"<{least}{'u' if body == 'upper' else ''}>")
    assert TextScrubber(name_checker()).text(f"a {key}, b") == \
        f"a {form if body == 'path' else ''}[scrubbed], b"


@pytest.mark.parametrize("before", [
    "", " ", "(", "é", "'", "%22", "%20", "%2F", "%2520", "%2522", "%25", "'\\n", "\\r", "\\t", "1234-x "])
@pytest.mark.parametrize("shape", [
    "4111111111111111", "378282246310005", "30569309025904", "4111 1111 1111 1111", "ghp_<36>", "AKIA<16u>",
    "eyJ<17>.eyJ<30>.<43>", "SG.<22>.<43>"])
def test_an_escape_is_no_part_of_a_word(before, shape):
    assert TextScrubber(name_checker()).text(f"{before}{filled(shape)} b") == f"{before}[scrubbed] b"


def test_of_two_that_might_be_one_the_right_one_is_hidden():
    scrub = TextScrubber(name_checker()).text
    assert scrub("4111111111111112 4111111111111111") == "4111111111111112 [scrubbed]"
    assert scrub("4111 1111 1111 1111 378282246310005") == "[scrubbed] [scrubbed]"
    assert scrub("4111-1111 378282246310005") == "4111-1111 [scrubbed]"


def test_trees():
    key = filled("ghp_<36>")
    tree = TextScrubber(name_checker()).tree
    assert tree(
        {key: key, key + "-": [f"'{key}'"], "order_id": "4111111111111111", "orderId": "'4111111111111111'",
         "paid": "4111111111111111", "n": 4111111111111111}) == {
        "[scrubbed]": "[scrubbed]", "[scrubbed]-": ["'[scrubbed]'"], "order_id": "4111111111111111",
        "orderId": "'4111111111111111'", "paid": "[scrubbed]", "n": 4111111111111111}
    assert tree({key: 1, filled("ghp_<40>"): 2}) == {"[scrubbed]": 1, "[scrubbed]'": 2}


def test_numbers_of_pairs_by_the_name_of_an_id_stay():
    tree = TextScrubber(name_checker()).tree
    assert tree([["order_id", "4111111111111111"], ["orderId", "'4111111111111111'"]]) == \
        [["order_id", "4111111111111111"], ["orderId", "'4111111111111111'"]]
    assert tree([["paid", "4111111111111111"], ["order_id", "of 4111111111111111"]]) == \
        [["paid", "[scrubbed]"], ["order_id", "of [scrubbed]"]]


@pytest.mark.parametrize("part", HOSTILE + [".eyJaaaaaaaaaaaa-", "%224111111111111111", "gh", "\\nsk-ant-aaaaaaaaaaaa"])
def test_hostile_text_is_scanned_in_linear_time(part):
    assert_linear(TextScrubber(name_checker()).text, lambda n: part * (n // len(part)))
