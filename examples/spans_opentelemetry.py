"""OpenTelemetry: a span for each job from its submission to its end, and one for each request."""

from __future__ import annotations

import asyncio
import time

from _session import portrait, session
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor

from heygen_async import HeyGen, JobEvent, RequestEvent

tracer = trace.get_tracer("heygen_async")


class Spans:
    """An ``on_event`` hook; the jobs that are open are its only state."""

    def __init__(self) -> None:
        self._jobs: dict[str, trace.Span] = {}

    def __call__(self, event: object) -> None:
        """Turn an event into a span, or into the next word of one."""
        match event:
            case RequestEvent():
                start = time.time_ns() - int(event.seconds * 1e9)
                span = tracer.start_span(f"{event.method} {event.path}", start_time=start)
                span.set_attribute("http.response.status_code", event.status or 0)
                if event.error or (event.status or 0) >= 400:  # noqa: PLR2004
                    span.set_status(trace.StatusCode.ERROR, event.error)
                span.end()
            case JobEvent(token=token, status=status):
                if token not in self._jobs:
                    self._jobs[token] = tracer.start_span(event.kind, attributes={"token": token})
                self._jobs[token].add_event(status.state, {"raw": status.raw})
                if status.terminal:
                    self._jobs.pop(token).end()


async def main() -> None:
    """Render a video and show its spans; an OTLP exporter goes where the console is."""
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter()))
    trace.set_tracer_provider(provider)
    async with session(HeyGen, on_event=Spans()) as heygen:
        await heygen.run(await portrait(heygen, "Hello!"))
    provider.shutdown()


asyncio.run(main())
