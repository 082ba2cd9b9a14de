"""A pasted request fills the composer, and what it could not take is listed in sentences."""

import json
from dataclasses import fields

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from providers.pasted import NotABody, Pasted, Picture, read

KEY = "b1946ac9-aaaa-4f81-ab0f-64c7aaf0000f:0123456789abcdef"


def taken(text: str) -> Pasted:
    pasted = read(text)
    assert isinstance(pasted, Pasted), pasted
    return pasted


def refusal(text: str) -> str:
    refused = read(text)
    assert isinstance(refused, NotABody), refused
    return refused.reason


def given_fields(pasted: Pasted) -> dict[str, object]:
    """What the paste says, without the sentences."""
    names = (field.name for field in fields(Pasted) if field.name != "left_out")
    said = {name: getattr(pasted, name) for name in names}
    return {name: value for name, value in said.items() if value not in ("", None, (), False)}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            {
                "prompt": "A detective in a tan trench coat",
                "resolution": "2K",
                "aspect_ratio": "16:9",
                "output_format": "png",
            },
            {
                "route": "fal",
                "prompt": "A detective in a tan trench coat",
                "resolution": "2K",
                "ratio": "16:9",
                "media_format": "png",
            },
        ),
        (
            {
                "prompt": "Comic sequence: @Element1 discovers",
                "result_type": "series",
                "series_amount": 4,
                "num_images": 9,
            },
            {
                "route": "fal",
                "model": "o3",
                "prompt": "Comic sequence: @Element1 discovers",
                "series": True,
                "count": 4,
            },
        ),
        (
            {"prompt": "Portrait", "negative_prompt": "blurry", "num_images": 3},
            {"route": "fal", "model": "v3", "prompt": "Portrait", "negative_prompt": "blurry", "count": 3},
        ),
        (
            {
                "model_name": "kling-v3-omni",
                "prompt": "<<<image_1>>> at dawn",
                "resolution": "4k",
                "n": 2,
                "aspect_ratio": "auto",
            },
            {
                "route": "kling",
                "model": "o3",
                "prompt": "<<<image_1>>> at dawn",
                "resolution": "4K",
                "count": 2,
                "ratio": "auto",
            },
        ),
        (
            [
                {
                    "taskType": "imageInference",
                    "taskUUID": "3ba7ae08-76de-4f81-ab0f-64c7aaf0000f",
                    "model": "klingai:kling-image@3",
                    "positivePrompt": "A dressing room",
                    "width": 1664,
                    "height": 2496,
                    "numberResults": 20,
                    "outputFormat": "JPG",
                    "seed": 843701865,
                }
            ],
            {
                "route": "runware",
                "model": "v3",
                "prompt": "A dressing room",
                "resolution": "2K",
                "ratio": "2:3",
                "count": 20,
                "media_format": "jpeg",
                "seed": 843701865,
            },
        ),
        ({"prompt": "a boat"}, {"prompt": "a boat"}),
        (
            {"input": {"prompt": "a boat", "num_images": 2}},
            {"route": "fal", "prompt": "a boat", "count": 2},
        ),
    ],
    ids=["fal still", "fal series", "fal v3", "kling omni", "runware", "words alone", "wrapped"],
)
def test_a_body_fills_the_fields_that_it_says(body: object, expected: dict[str, object]):
    pasted = taken(json.dumps(body))
    assert given_fields(pasted) == expected
    assert pasted.left_out == ()


@pytest.mark.parametrize(
    ("address", "route", "model"),
    [
        ("https://queue.fal.run/fal-ai/kling-image/v3/text-to-image", "fal", "v3"),
        ("https://queue.fal.run/fal-ai/kling-image/o3/image-to-image?fal_webhook=x", "fal", "o3"),
        ("fal.run/fal-ai/kling-image/o1/", "fal", "o1"),
        ("http://127.0.0.1:9000/v1/images/generations", "kling", "v3"),
        ("https://api-singapore.klingai.com/v1/images/omni-image", "kling", "o1"),
        ("https://api-singapore.klingai.com/v1/images/multi-image2image", "kling", "v2-1"),
    ],
)
def test_the_address_tells_the_endpoint(address: str, route: str, model: str):
    pasted = taken(f"""curl {address} -d '{{"prompt": "a boat"}}'""")
    assert (pasted.route, pasted.model, pasted.prompt) == (route, model, "a boat")


def test_a_model_that_is_not_here_is_named():
    pasted = taken(
        """curl https://queue.fal.run/kling/v4/text-to-image -d '{"prompt": "a", "result_type": "single"}'"""
    )
    assert (pasted.route, pasted.model) == ("fal", "")
    assert pasted.left_out == ("kling/v4/text-to-image is not a model of this studio. Choose one.",)


@pytest.mark.parametrize("field", ["image_url", "image_urls"])
def test_one_source_image_becomes_a_reference(field: str):
    url = "https://example.com/summer_landscape.jpg"
    pasted = taken(json.dumps({"prompt": "winter", field: url}))
    assert pasted.references == (Picture(url, ""),)
    assert pasted.left_out == ("Picture 1 is at example.com and was not fetched. Add it as reference 1.",)


def test_the_multi_image_page_of_kling_is_read_with_its_roles():
    text = r"""curl --request POST \
  --url https://api-singapore.klingai.com/v1/images/multi-image2image \
  --header 'Authorization: Bearer ' \
  --header 'Content-Type: application/json' \
  --data '{
    "model_name": "kling-v2-1",
    "prompt": "Wearing a flowing red dress on the grassland, in Ghibli style.",
    "negative_prompt": "",
    "subject_image_list": [
      {"subject_image": "https://v1-kling.klingai.com/multi-1.png"},
      {"subject_image": "https://v1-kling.klingai.com/multi-2.png"}
    ],
    "scene_image": "https://v1-kling.klingai.com/background.jpeg",
    "style_image": "iVBORw0KGgoAAAANSUhEUgAAAAUA",
    "n": 2,
    "aspect_ratio": "9:16"
  }'"""
    pasted = taken(text)
    assert given_fields(pasted) == {
        "route": "kling",
        "model": "v2-1",
        "prompt": "Wearing a flowing red dress on the grassland, in Ghibli style.",
        "count": 2,
        "ratio": "9:16",
        "references": (
            Picture("https://v1-kling.klingai.com/multi-1.png", "subject"),
            Picture("https://v1-kling.klingai.com/multi-2.png", "subject"),
            Picture("https://v1-kling.klingai.com/background.jpeg", "scene"),
            Picture("", "style"),
        ),
    }
    assert (
        pasted.left_out[3]
        == "Picture 4 is data or a provider's id and was not fetched. Add it as reference 4."
    )


def test_runware_s_inputs_are_references_and_a_size_that_is_no_size_gets_the_nearest():
    body = {
        "taskType": "imageInference",
        "model": "klingai:kling-image@o3",
        "positivePrompt": "a",
        "width": 1900,
    }
    body |= {"height": 1080, "inputs": {"referenceImages": ["https://example.com/a.jpg"], "mask": "b"}}
    pasted = taken(json.dumps(body))
    assert (pasted.model, pasted.resolution, pasted.ratio) == ("o3", "1K", "16:9")
    assert pasted.references == (Picture("https://example.com/a.jpg", ""),)
    assert pasted.left_out == (
        "1900 × 1080 is not a size of Kling; 1K in 16:9 is nearest.",
        "Picture 1 is at example.com and was not fetched. Add it as reference 1.",
        "mask is not a field of the composer and was left out.",
    )


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"guidance": 7}, "guidance is not a field of the composer and was left out."),
        ({"elements": [{"image_url": "https://example.com/f.jpg"}]},
         "Element 1 comes as photos, which were not fetched. "
         "Attach an element from the library in its place."),
        ({"element_list": [{"element_id": 861234567890123457}]},
         "Element 1 is number 861234567890123457 at Kling. Attach an element from the library in its place."),
        ({"aspect_ratio": "5:4"},
         "aspect_ratio is none of 16:9, 9:16, 1:1, 4:3, 3:4, 3:2, 2:3, 21:9, auto and was left out."),
        ({"resolution": 2}, "resolution is none of 1K, 2K, 4K and was left out."),
        ({"num_images": "4"}, "num_images is not a whole number from 1 to 1,000 and was left out."),
        ({"n": True}, "n is not a whole number from 1 to 1,000 and was left out."),
        ({"negative_prompt": ["a"]}, "negative_prompt is not text and was left out."),
        ({"result_type": "series", "series_amount": "auto"},
         "The number of panels was left to Kling. Choose it here."),
        ({"image_url": "https://key:secret@example.com/a.jpg"},
         "Picture 1 is data or a provider's id and was not fetched. Add it as reference 1."),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)  # fmt: skip
def test_what_cannot_be_taken_is_said_in_one_sentence(body: dict[str, object], sentence: str):
    pasted = taken(json.dumps({"prompt": "a boat", **body}))
    assert pasted.prompt == "a boat"
    assert pasted.left_out == (sentence,)


def test_a_thousand_unknown_fields_are_counted():
    left_out = taken(json.dumps({"prompt": "a"} | {f"field {n}": n for n in range(1000)})).left_out
    assert (len(left_out), left_out[-1]) == (41, "And 960 more were left out.")


BODY = {"prompt": 'It\'s a "boat" for $5\nand `more`, é \\ 😀 @Image1', "num_images": 2}
LINE = json.dumps(BODY)
DOUBLE = LINE.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$").replace("`", "\\`")
SINGLE = LINE.replace("'", r"'\''")
ANSI = LINE.replace("\\", "\\\\").replace("'", r"\'").replace("$", r"\u0024")


@pytest.mark.parametrize(
    "line",
    [
        f"curl https://fal.run/x -d '{SINGLE}'",
        f"curl -sS -XPOST https://fal.run/x -d'{SINGLE}'",
        f"curl -sSLd '{SINGLE}' https://fal.run/x | jq .",
        f'curl https://fal.run/x --data "{DOUBLE}"',
        f"curl 'https://fal.run/x' \\\n  -H 'accept: */*' \\\r\n  --data-raw $'{ANSI}' \\\n  --compressed",
        f"$ curl --json '{SINGLE}' https://fal.run/x;",
        f"curl.exe --url https://fal.run/x --data-binary '{SINGLE}' > out.json",
        f"```bash\ncurl https://fal.run/x -d '{SINGLE}'\n```",
        f"```json\n{LINE}\n```",
        f"\ufeff  {LINE}\n",
        json.dumps(BODY, ensure_ascii=False, indent=2),
    ],
)
def test_quotes_of_every_kind_give_the_same_body(line: str):
    pasted = taken(line)
    assert (pasted.prompt, pasted.count) == (BODY["prompt"], 2)


@pytest.mark.parametrize(
    "line",
    [
        f"""curl https://example.com/x -H "Authorization: Key {KEY}" -d '{{"prompt": "a"}}'""",
        f"""curl https://example.com/x -H 'x-api-key: {KEY}' -d '{{"prompt": "a"}}'""",
        f"""curl -u me:{KEY} https://example.com/x -d '{{"prompt": "a"}}'""",
        f"""curl --oauth2-bearer {KEY} https://example.com/x -d '{{"prompt": "a"}}'""",
    ],
)
def test_a_key_is_never_kept(line: str):
    pasted = taken(line)
    assert KEY not in repr(pasted)
    assert pasted.left_out == ("The key in the cURL line was not kept.",)


def test_runware_s_key_among_the_tasks_is_not_kept():
    tasks = [
        {"taskType": "authentication", "apiKey": KEY},
        {"taskType": "imageInference", "positivePrompt": "first"},
        {"taskType": "imageInference", "positivePrompt": "second"},
    ]
    pasted = taken(json.dumps(tasks))
    assert (pasted.prompt, KEY in repr(pasted)) == ("first", False)
    assert pasted.left_out == (
        "What stands beside the request, such as a key, was not kept.",
        "Only the first of 2 requests was taken.",
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "This is neither a JSON body nor a cURL line."),
        ("A woman at the sea", "This is neither a JSON body nor a cURL line."),
        ("curl", "This is neither a JSON body nor a cURL line."),
        ("curl https://fal.run/x", "The cURL line carries no body; nothing was taken from it."),
        ("curl x -d '{", "The cURL line ends inside a quotation; nothing was taken from it."),
        ("curl x -d @body.json", "The cURL line sends a file. Paste the text of the file instead."),
        ('{"prompt": "a",}', "This JSON is not complete or has a mistake in line 1, character 15."),
        ("[1, 2]", "This JSON is not a request for pictures."),
        ("[]", "This JSON is not a request for pictures."),
        ("{}", "Nothing in this JSON is a field of the composer; nothing was taken."),
        ('{"colour": 1}', "Nothing in this JSON is a field of the composer; nothing was taken."),
        ("[" * 100_000, "This JSON has a number or a nesting that no request has."),
        ('{"seed": ' + "9" * 5000 + "}", "This JSON has a number or a nesting that no request has."),
        ("{" + " " * 500_000, "This is longer than 500,000 characters. Leave the data of pictures out."),
        (
            '[{"taskType": "videoInference"}]',
            "This request is for a video. Only requests for pictures can be pasted.",
        ),
        (
            '[{"taskType": "imageUpload"}]',
            "This Runware request is of another kind. Only imageInference can be pasted.",
        ),
        (
            "curl https://queue.fal.run/fal-ai/kling-video/v3/pro/image-to-video -d '{}'",
            "This request is for a video. Only requests for pictures can be pasted.",
        ),
    ],
    ids=range(17),
)
def test_what_cannot_be_read_is_refused_in_one_sentence(text: str, reason: str):
    assert refusal(text) == reason


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
known_names = st.sampled_from([name.name for name in fields(Pasted)]) | st.sampled_from(
    ["positivePrompt", "image_url", "image_urls", "image", "image_list", "subject_image_list", "scene_image"]
    + [
        "inputs",
        "referenceImages",
        "elements",
        "element_list",
        "aspect_ratio",
        "width",
        "height",
        "n",
        "input",
    ]
    + ["num_images", "model_name", "result_type", "series_amount", "output_format", "taskType"]
)
bodies = st.dictionaries(known_names | st.text(max_size=8), json_values, max_size=6)


def readable(pasted: Pasted | NotABody) -> bool:
    sentences = (pasted.reason,) if isinstance(pasted, NotABody) else pasted.left_out
    return all(sentence.endswith(".") and "\n" not in sentence for sentence in sentences)


@given(bodies | st.lists(bodies, max_size=3) | json_values)
@example({"prompt": "\ud800", "image_url": "https://[", "\n" * 90: 1})
@example({"image_list": [{"image": "http://\ud800.example"}], "element_list": [{"element_id": "\n"}]})
def test_any_json_is_read_or_refused_in_sentences(body: object):
    pasted = read(json.dumps(body))
    assert readable(pasted)
    repr(pasted).encode()
    if isinstance(pasted, Pasted):
        "".join(
            (pasted.prompt, pasted.negative_prompt, *(item.address for item in pasted.references))
        ).encode()


shell = st.text("curl -dHX'\"\\$|;&>{}[]:,@\n\tabc.x/0u", max_size=60)


@given(shell | st.text(max_size=60))
@example("curl -d $'\\U110000\\xff\\777\\ud83d'")
@example("curl -")
@example("curl --url")
@example("curl //[ -d {}")
def test_any_text_is_read_or_refused_in_sentences(text: str):
    assert readable(read(text))
    assert readable(read(f"curl {text}"))
    assert readable(read(f'curl x -d \'{{"prompt": "a"}}\' {text}'))
