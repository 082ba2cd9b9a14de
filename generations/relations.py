"""What references have to do with each other, in one sentence: "Keep the composition of @ref-a, …"."""

from collections.abc import Iterable, Sequence

# What stays as it is in its picture, and what another picture only lends.
KEPT = ("character", "subject", "product", "composition")
LENT = ("palette", "lighting", "style", "texture")
SPOKEN = {"lighting": "light", "character": "person"}
PARTS = ("composition", "subjects", "palette", "light", "texture")


def sentence(references: Iterable[tuple[str, str]]) -> str:
    """The sentence for names and roles, in the order of the references; empty for fewer than two roles.

    A palette brings its light with it, unless the light has a reference of its own.
    """
    given = list(dict.fromkeys(references))
    roles = {role for _, role in given}
    if len(given) < 2:
        return ""
    spoken = [(name, role) for name, role in given]
    if "lighting" not in roles:
        spoken += [(name, "lighting") for name, role in given if role == "palette"]
    clauses = [
        _clause("keep", "the ", KEPT, spoken),
        _scene([name for name, role in given if role == "scene"]),
        _clause("take", "", LENT, spoken),
    ]
    said = ", ".join(clause for clause in clauses if clause)
    return f"{said[:1].upper()}{said[1:]}."


def keep_and_change(keep: Sequence[str], change: Sequence[str], to: str = "") -> str:
    """What of the picture stays and what becomes different; empty where nothing is chosen. `keep` wins."""
    kept = [part for part in PARTS if part in keep]
    changed = [part for part in PARTS if part in change and part not in kept]
    aim = f" to {to.strip().rstrip('.')}" if changed and to.strip() else ""
    clauses = [
        f"keep the {_and(kept)}" if kept else "",
        f"change the {_and(changed)}{aim}" if changed else "",
    ]
    said = "; ".join(clause for clause in clauses if clause)
    return f"{said[:1].upper()}{said[1:]}." if said else ""


def _clause(verb: str, article: str, roles: Sequence[str], given: Sequence[tuple[str, str]]) -> str:
    """ "take palette and light from @ref-b and texture from @ref-c": what each picture gives, by picture."""
    by_name: dict[str, list[str]] = {}
    for name, role in given:
        if role in roles:
            by_name.setdefault(name, []).append(SPOKEN.get(role, role))
    preposition = "from" if verb == "take" else "of"
    parts = [
        f"{article}{_and(sorted(words, key=_place))} {preposition} @{name}" for name, words in by_name.items()
    ]
    return f"{verb} {_and(parts)}" if parts else ""


def _scene(names: Sequence[str]) -> str:
    return f"set it in the scene of {_and([f'@{name}' for name in names])}" if names else ""


def _place(word: str) -> int:
    order = [SPOKEN.get(role, role) for role in (*KEPT, *LENT)]
    return order.index(word)


def _and(words: Sequence[str]) -> str:
    return " and ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)
