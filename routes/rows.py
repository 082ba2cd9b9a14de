"""Keys as their pages show them: rows of ready strings, which no key is in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.contrib.humanize.templatetags.humanize import naturaltime
from django.utils import timezone

from accounts.models import User
from projects.models import Project
from routes import keys, policy, shapes
from routes.models import Credential, PolicyKind

_MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class KeyRow:
    """`kind` is that of the badge: ok, bad or nothing. `closed` says until when and why nothing is sent."""

    uuid: str
    name: str
    route: str
    label: str
    ending: str
    whose: str
    project_slug: str
    limit: str
    kind: str
    state: str
    said: str
    balance: str
    tested: str
    is_testing: bool
    is_paused: bool
    closed: str
    error: str


@dataclass(frozen=True, slots=True)
class RouteCard:
    """A route with its keys. `others` are names of the studio's keys that hold as well."""

    key: str
    label: str
    note: str
    keys: tuple[KeyRow, ...]
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    means: str
    is_chosen: bool


def of_studio(user: User) -> list[RouteCard]:
    """Every route with all living keys, the studio's before those of projects."""
    found = Credential.objects.living().visible_to(user).select_related("project")
    rows = list(found.order_by("project__name", "pk"))
    rows.sort(key=lambda row: row.project_id is not None)
    return [_card(route.key, rows, ()) for route in shapes.paid_routes()]


def of_project(project: Project) -> list[RouteCard]:
    """Every route with the project's own keys, and the names of the studio's."""
    rows = list(Credential.objects.for_project(project).select_related("project").order_by("pk"))
    own = [row for row in rows if row.project_id]
    shared = [row for row in rows if not row.project_id]
    return [
        _card(route.key, own, [row.name for row in shared if row.route == route.key])
        for route in shapes.paid_routes()
    ]


def row(key: Credential) -> KeyRow:
    """`key` with its project selected."""
    is_testing = not keys.is_tested(key)
    kind, state = _state(key, is_testing=is_testing)
    closed = _closed(key, timezone.now())
    return KeyRow(
        uuid=str(key.uuid),
        name=key.name,
        route=key.route,
        label=shapes.label(key.route),
        ending=key.ending,
        whose=f"Only {key.project.name}" if key.project else "Studio",
        project_slug=key.project.slug if key.project else "",
        limit=f"{key.at_once} {shapes.COUNTED.get(key.route, 'orders')} at once",
        kind=kind,
        state=state,
        said="" if is_testing or key.said in closed else key.said,
        balance=_balance(key.balance_micro_usd),
        tested=f"tested {_ago(key.tested_at)}" if key.tested_at and not is_testing else "",
        is_testing=is_testing,
        is_paused=key.paused_at is not None,
        closed=closed,
        error=_error(key, closed),
    )


def policies(project: Project) -> list[Option]:
    chosen = policy.of(project)
    return [Option(kind.value, str(kind.label), policy.MEANS[kind], kind == chosen) for kind in PolicyKind]


def _card(route: str, rows: Iterable[Credential], others: Sequence[str]) -> RouteCard:
    known = next(one for one in shapes.paid_routes() if one.key == route)
    shown = tuple(row(key) for key in rows if key.route == route)
    return RouteCard(route, known.label, known.note, shown, tuple(others))


def _state(key: Credential, *, is_testing: bool) -> tuple[str, str]:
    if is_testing:
        return "", "Being tested…"
    if key.works is None:
        return "", "Not known" if key.tested_at else "Not tested yet"
    return ("ok", "Works") if key.works else ("bad", "Does not work")


def _closed(key: Credential, now: datetime) -> str:
    if key.closed_until is None or key.closed_until <= now:
        return ""
    why = f": {key.closed_why}" if key.closed_why else "."
    return f"Nothing is sent until {_clock(key.closed_until, now)}{why}"


def _error(key: Credential, closed: str) -> str:
    """The last error, unless a line beside it says the same."""
    said = key.last_error
    if not said or said in closed or said == key.said:
        return ""
    return f"Last error {_ago(key.last_error_at)}: {said}" if key.last_error_at else f"Last error: {said}"


def _clock(moment: datetime, now: datetime) -> str:
    """'14:32 UTC', with its day when that is another one."""
    there = timezone.localtime(moment)
    day = "" if there.date() == timezone.localdate(now) else f"{there:%-d %B}, "
    return f"{day}{there:%H:%M %Z}"


def _balance(micro: int | None) -> str:
    return "" if micro is None else f"Balance ${Decimal(micro) / _MICRO:,.2f}"


def _ago(moment: datetime) -> str:
    return str(naturaltime(moment))
