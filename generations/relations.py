"""How references relate, in a sentence made from their roles: what to keep, what to take."""

from collections.abc import Sequence

KEPT = {
    "composition": "the composition",
    "scene": "the scene",
    "subject": "the subject",
    "character": "the person",
}
TAKEN = {
    "style": "the style",
    "palette": "the palette",
    "texture": "the textures",
    "lighting": "the light",
    "product": "the product",
}


def sentence(roles: Sequence[tuple[str, str]]) -> str:
    """`roles` are pairs of a name and a role, in order. Empty for none.

    "Keep the composition of @ref-a, take the palette and the light from @ref-b."
    """
    keep = _grouped(roles, KEPT, "of")
    take = _grouped(roles, TAKEN, "from")
    clauses = [clause for clause in (keep and f"keep {keep}", take and f"take {take}") if clause]
    said = ", ".join(clauses)
    return f"{said[:1].upper()}{said[1:]}." if said else ""


def _grouped(roles: Sequence[tuple[str, str]], words: dict[str, str], link: str) -> str:
    """ "the palette and the light from @ref-b" for every reference in one of these roles."""
    things: dict[str, list[str]] = {}
    for name, role in roles:
        if role in words:
            things.setdefault(name, []).append(words[role])
    return _listed([f"{_listed(of)} {link} @{name}" for name, of in things.items()])


def _listed(parts: Sequence[str]) -> str:
    return " and ".join(part for part in (", ".join(parts[:-1]), *parts[-1:]) if part)
