"""What the front counts, in the text format of Prometheus."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector


class _Counts(Collector):
    def __init__(self, *metrics: Metric) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[Metric]:
        """Yield all figures."""
        yield from self._metrics


def exposition(
    requests: Mapping[tuple[str, int], int], sent: int, connections: int, refused: int
) -> bytes:
    """Return the figures: requests by method and status, bytes of bodies, connections."""
    answered = CounterMetricFamily(
        "feedpub_http_requests", "Requests by method and status.", labels=["method", "status"]
    )
    for (method, status), count in sorted(requests.items()):
        answered.add_metric([method, str(status)], count)
    body = CounterMetricFamily("feedpub_http_sent_bytes", "Bytes of bodies sent.", value=sent)
    open_ = GaugeMetricFamily("feedpub_http_connections", "Open connections.", value=connections)
    over = CounterMetricFamily(
        "feedpub_http_refused_connections", "Connections over the limit.", value=refused
    )
    registry = CollectorRegistry()
    registry.register(_Counts(answered, body, open_, over))
    return generate_latest(registry)
