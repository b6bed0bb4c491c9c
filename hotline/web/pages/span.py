"""Reads `since` and `until` of an address: days of the city, `until` included."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def between(since: str, until: str, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    """Return the half-open span of two dates; None where a date is missing or none."""
    first, last = _day(since), _day(until)
    start = datetime.combine(first, time(), zone) if first else None
    end = datetime.combine(last + timedelta(days=1), time(), zone) if last else None
    return start, end


def last_days(days: int, now: datetime, zone: ZoneInfo) -> tuple[date, date]:
    """Return first and last day of the `days` days that end today."""
    today = now.astimezone(zone).date()
    return today - timedelta(days=days - 1), today


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
