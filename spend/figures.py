"""Money and months as people read them."""

from datetime import UTC, date, datetime
from decimal import Decimal

from spend.account import MICRO


def usd(micro: int) -> str:
    """'$0.00', '$0.112', '-$1,200.50': as many decimals as the figure needs, two at least."""
    sign = "-" if micro < 0 else ""
    whole, _, decimals = f"{abs(Decimal(micro)) / MICRO:,.6f}".partition(".")
    return f"{sign}${whole}.{decimals.rstrip('0'):0<2}"


def plain_usd(micro: int) -> str:
    """'-1200.5': for a spreadsheet, exact and without a sign of the currency."""
    return f"{Decimal(micro) / MICRO:.6f}"


def month(moment: datetime) -> date:
    """The first day of the moment's calendar month in UTC."""
    return moment.astimezone(UTC).date().replace(day=1)
