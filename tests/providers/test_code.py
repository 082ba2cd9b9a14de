"""Copied code asks for the same pictures: each language gives the body back, and no key stands in it."""

import ast
import json
import re
import shutil
import subprocess
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers import catalogue, wire
from providers.base import Body, Order
from providers.code import snippets
from providers.curl import parse
from providers.pasted import Pasted, read
from tests.providers import orders

HARD = "It's \"two\" $5 `ticks` \\ ${x}\n@midnight <<<x>>> 😀 \u2028 '''; //"
PAID = {
    "fal-v3-text": orders.V3_TEXT,
    "fal-o3-image": orders.REFERENCES_AND_ELEMENTS,
    "fal-o3-text": orders.SERIES,
    "runware-v3-text": orders.RUNWARE_TEXT,
    "runware-v3-image": orders.RUNWARE_IMAGE,
    "kling-v3-image": orders.V3_IMAGE,
    "kling-o3-image": orders.OMNI,
    "kling-v2-1-multi-image": orders.MULTI_IMAGE,
}
every_order = pytest.mark.parametrize(("key", "order"), PAID.items(), ids=PAID)


def body_of(key: str, order: Order) -> Any:
    row = catalogue.endpoint(key)
    return wire.translate(order, row, orders.known(order, row.route), orders.ATTEMPT)


def python_body(code: str) -> object:
    assignment = next(line for line in ast.parse(code).body if isinstance(line, ast.Assign))
    return ast.literal_eval(assignment.value)


def javascript_body(code: str) -> object:
    """What `const body = …;` holds once it is sent."""
    found = re.search(r"^const body = (JSON\.stringify\()?(.*?)(?(1)\));\n\nconst", code, re.DOTALL | re.M)
    assert found
    value = json.loads(found[2])
    return value if found[1] else json.loads(value)


@every_order
def test_each_language_sends_the_same_body(key: str, order: Order):
    body = body_of(key, order)
    code = snippets(body, catalogue.endpoint(key))
    compile(code.python, "copied", "exec")
    assert python_body(code.python) == body
    assert javascript_body(code.javascript) == body
    assert json.loads(parse(code.curl).data) == body


@every_order
def test_the_copied_line_pasted_back_gives_the_fields(key: str, order: Order):
    row = catalogue.endpoint(key)
    pasted = read(snippets(body_of(key, order), row).curl)
    assert isinstance(pasted, Pasted)
    assert (pasted.route, pasted.model) == (row.route, row.model)
    assert pasted.prompt == wire.prompt(order, row)
    assert (pasted.count, pasted.series) == (order.count, order.series)
    assert pasted.ratio == ("" if row.key == "runware-v3-image" else order.ratio)
    assert pasted.resolution == ("" if len(row.resolutions) == 1 else order.resolution)
    assert pasted.negative_prompt == (order.negative_prompt if row.negative_prompt else "")
    assert pasted.media_format == (order.media_format if row.formats else "")
    assert len(pasted.references) == len(order.references)
    assert not [sentence for sentence in pasted.left_out if "key" in sentence or "field" in sentence]


@pytest.mark.parametrize("key", ["fal-v3-text", "runware-v3-text", "kling-v3-text"])
def test_the_key_is_a_variable(key: str):
    code = snippets(body_of(key, orders.order("a boat")), catalogue.endpoint(key))
    variable = {"fal": "FAL_KEY", "runware": "RUNWARE_API_KEY", "kling": "KLING_API_KEY"}[key.split("-")[0]]
    assert f"os.environ['{variable}']" in code.python
    assert f"${{process.env.{variable}}}" in code.javascript
    assert f"${variable}" in code.curl


@given(st.text(max_size=200) | st.just(HARD))
def test_no_prompt_breaks_out_of_its_quotes(prompt: str):
    body = {"prompt": prompt.encode("utf-8", "replace").decode(), "sync_mode": False}
    code = snippets(body, catalogue.endpoint("fal-v3-text"))
    assert python_body(code.python) == body
    assert javascript_body(code.javascript) == body
    assert json.loads(parse(code.curl).data) == body


def test_a_shell_reads_the_line_as_it_is_meant(tmp_path):
    curl = tmp_path / "curl"
    curl.write_text('#!/bin/sh\nprintf "%s\\0" "$@"\n')
    curl.chmod(0o755)
    body: Body = {"prompt": HARD}
    line = snippets(body, catalogue.endpoint("fal-v3-text")).curl
    env = {"PATH": str(tmp_path), "FAL_KEY": "from-outside"}
    words = subprocess.run(
        [shutil.which("sh") or "sh", "-c", line], env=env, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    assert json.loads(words[words.index("--data") + 1]) == body
    assert "Authorization: Key from-outside" in words


def test_javascript_does_not_round_an_element_s_number():
    body = body_of("kling-o3-image", orders.OMNI)
    code = snippets(body, catalogue.endpoint("kling-o3-image")).javascript
    assert "861234567890123457" in code
    assert "JSON.stringify" not in code
