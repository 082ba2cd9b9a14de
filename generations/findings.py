"""Remarks on a draft: what became of its names, what stays behind, and what is better done otherwise."""

from collections.abc import Iterator
from dataclasses import dataclass

from generations import plan, readings, words
from generations.forms import ComposerForm
from grammar import mentions
from spend import budgets, ledger

ADVISED_INPUTS = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """A remark on the draft: `kind` is ok, warn, bad or info."""

    kind: str
    title: str
    words: str


def findings(form: ComposerForm) -> tuple[Finding, ...]:
    """What there is to say beside the errors; of the names first, since they decide what is sent."""
    return (
        *_names(form),
        *_budget(form),
        *_problems(form),
        *_many(form),
        *_fetched(form),
        *_unsent_negative(form),
        *_reading(form),
    )


def _budget(form: ComposerForm) -> Iterator[Finding]:
    """Said before anybody presses: an order that no budget has room for is refused."""
    if form.endpoint is None or not form.is_valid():
        return
    intent = form.intent()
    amount = ledger.to_micro(plan.quote(intent).usd)
    if said := budgets.shortage(form.project.pk, form.user.pk if form.user else None, amount):
        yield Finding("bad", "No budget has room for this.", f"{said} Ask whoever leads the project.")


def mentioned(form: ComposerForm) -> tuple[str, ...]:
    """The names in the words of the draft, each once, as they are called at present."""
    return mentions.names("\n".join(form.binding.texts))


def _names(form: ComposerForm) -> Iterator[Finding]:
    for mark, name in form.binding.bound:
        yield Finding("info", f"{mark} is {name}.", "It stays so when the order changes.")
    for old, new in form.binding.renamed:
        yield Finding("info", f"@{old} is called @{new} now.", "It is sent under its present name.")
    named = mentioned(form)
    place = "mentioned in no panel" if form.is_series else "attached and not mentioned"
    for one in form.binding.pinned:
        if one.name not in named:
            yield Finding("warn", f"@{one.name} is {place}.", "Say where it appears, or take it out.")


def _problems(form: ComposerForm) -> Iterator[Finding]:
    """What keeps names from being sent; the first stands at the prompt as its error.

    While a start has places to fill, nobody is told that its marks point at nothing.
    """
    first = len(form.binding.loose) if form.listed("slot") else 0
    for sentence in form.binding.problems[max(1, first) :]:
        title, _, rest = sentence.partition(". ")
        yield Finding("bad", f"{title}." if rest else title, rest)


def _many(form: ComposerForm) -> Iterator[Finding]:
    inputs = len(form.guides) + len(form.binding.pinned)
    if inputs > ADVISED_INPUTS:
        title = f"{inputs} references and elements." if form.binding.pinned else f"{inputs} references."
        yield Finding("warn", title, "Two or three are followed best.")


def _fetched(form: ComposerForm) -> Iterator[Finding]:
    number = len(form.listed("wanted"))
    if number == 1:
        yield Finding("warn", "A reference is still being fetched.", "What is sent now goes without it.")
    elif number:
        title = f"{number} references are still being fetched."
        yield Finding("warn", title, "What is sent now goes without them.")


def _unsent_negative(form: ComposerForm) -> Iterator[Finding]:
    row = form.endpoint
    if row is not None and not row.negative_prompt and form.typed("negative_prompt").strip():
        said = f"{words.model(row.model)} takes none in this mode."
        yield Finding("warn", "The negative prompt stays here.", said)


def _reading(form: ComposerForm) -> Iterator[Finding]:
    """What the draft engine will make of the words."""
    row, prompt = form.endpoint, form.cleaned_data.get("prompt")
    if row is None or row.route != "draft" or not prompt:
        return
    cast = [(one.name, one.element) for one in form.binding.pinned]
    negative = form.cleaned_data.get("negative_prompt", "")
    yield Finding("info", "Draft", readings.in_words(prompt, negative, cast))
