"""The metric of look-ups by a caller's number in the last hour, for who watches the machine.

No name, no number.
"""

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from hotline import clock
from hotline.store import db, lookups


class Lookups(Collector):
    """Different numbers of the last hour: of all together, and of who looked up most."""

    def collect(self) -> list[GaugeMetricFamily]:
        """Return the gauges; none where the database does not answer."""
        try:
            with db.reading() as session:
                found = [row.numbers for row in session.execute(lookups.busiest(clock.now()))]
        except SQLAlchemyError:
            return []
        return [
            GaugeMetricFamily("hotline_lookups_hour", "近一小时按号码查询的号码数", value=sum(found)),
            GaugeMetricFamily("hotline_lookups_most", "近一小时一人查询的最多号码数", value=max(found, default=0)),
        ]
