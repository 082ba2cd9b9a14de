"""A translated order as code for people to run themselves; the key stays in an environment variable."""

import json
from dataclasses import dataclass

from providers.base import Body
from providers.catalogue import Endpoint

EXACT_IN_JAVASCRIPT = 2**53  # its numbers lose digits from here on


@dataclass(frozen=True, slots=True)
class Access:
    """Where a provider takes orders and how it wants its key."""

    base: str
    variable: str
    scheme: str


@dataclass(frozen=True, slots=True)
class Snippets:
    python: str
    javascript: str
    curl: str


ACCESS = {
    "fal": Access("https://queue.fal.run", "FAL_KEY", "Key"),
    "runware": Access("https://api.runware.ai", "RUNWARE_API_KEY", "Bearer"),
    "kling": Access("https://api-singapore.klingai.com", "KLING_API_KEY", "Bearer"),
}


def snippets(body: Body, endpoint: Endpoint) -> Snippets:
    """Code that posts `body`, as `wire.translate` wrote it, to a paid endpoint."""
    access = ACCESS[endpoint.route]
    address = access.base + endpoint.path
    return Snippets(
        python=_python(body, address, access),
        javascript=_javascript(body, address, access),
        curl=_curl(body, address, access),
    )


def _python(body: Body, address: str, access: Access) -> str:
    return f"""\
import os

import httpx

body = {_literal(body)}

answer = httpx.post(
    "{address}",
    headers={{"Authorization": f"{access.scheme} {{os.environ['{access.variable}']}}"}},
    json=body,
    timeout=60,
)
answer.raise_for_status()
print(answer.json())
"""


def _literal(value: object, margin: str = "") -> str:
    """The value in Python, one entry a line; a string is written as in JSON, which Python reads alike."""
    inner = f"{margin}    "
    if isinstance(value, dict):
        entries = [f"{inner}{_literal(name)}: {_literal(entry, inner)},\n" for name, entry in value.items()]
        return "{\n" + "".join(entries) + margin + "}"
    if isinstance(value, list):
        return "[\n" + "".join(f"{inner}{_literal(entry, inner)},\n" for entry in value) + margin + "]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def _javascript(body: Body, address: str, access: Access) -> str:
    written = json.dumps(body, indent=2, ensure_ascii=False)
    if _has_long_number(body):
        text = json.dumps(json.dumps(body, ensure_ascii=False), ensure_ascii=False)
        value = f"// As text: JavaScript would round the long number in it.\nconst body = {text};"
    else:
        value = f"const body = JSON.stringify({written});"
    return f"""\
{value}

const answer = await fetch("{address}", {{
  method: "POST",
  headers: {{
    "Authorization": `{access.scheme} ${{process.env.{access.variable}}}`,
    "Content-Type": "application/json",
  }},
  body,
}});
console.log(await answer.json());
"""


def _curl(body: Body, address: str, access: Access) -> str:
    quoted = json.dumps(body, indent=2, ensure_ascii=False).replace("'", r"'\''")
    return f"""\
curl --request POST '{address}' \\
  --header "Authorization: {access.scheme} ${access.variable}" \\
  --header 'Content-Type: application/json' \\
  --data '{quoted}'
"""


def _has_long_number(value: object) -> bool:
    if isinstance(value, dict):
        return any(_has_long_number(inner) for inner in value.values())
    if isinstance(value, list):
        return any(_has_long_number(inner) for inner in value)
    return isinstance(value, int) and value >= EXACT_IN_JAVASCRIPT
