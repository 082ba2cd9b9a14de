"""Every address that the studio answers, read from the URLconf, so that a new one cannot be forgotten."""

from dataclasses import dataclass
from functools import cache

from django.urls import URLPattern, URLResolver, get_resolver

# Libraries whose own suites try their pages; ours look at how they behave here (tests/accounts).
FOREIGN_MODULES = ("allauth.",)
# Answers 404 to everybody, whatever is asked.
CLOSED_MODULES = ("accounts.closed",)


@dataclass(frozen=True, slots=True)
class Route:
    """`name` as in reverse(), `pattern` as in the URLconf, `module` of the view."""

    name: str
    pattern: str
    module: str


@cache
def every() -> list[Route]:
    return _under(get_resolver(), "", "")


@cache
def ours() -> list[Route]:
    """Without the pages of libraries and those that are closed for good."""
    return [route for route in every() if not route.module.startswith((*FOREIGN_MODULES, *CLOSED_MODULES))]


def _under(resolver: URLResolver, path: str, space: str) -> list[Route]:
    found: list[Route] = []
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            module = entry.callback.__module__
            found.append(Route(f"{space}{entry.name}", f"{path}{entry.pattern}", module))
        else:
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            found += _under(entry, f"{path}{entry.pattern}", inner)
    return found
