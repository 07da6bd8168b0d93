"""Sessions of the app without a browser: what a tab says to the server and hears from it.

Fifty of them fit beside a server, where browsers would not, and tests send what no browser would.
A tab speaks protocol buffers over a websocket. It sends all of its widgets' values whenever one
changes, and names the fragment whose widget it was. While runs grow, the page's timer asks for
their fragment again (`pages/components/assets/refresh_timer.js`); so does `Session`.

Source: Streamlit 1.67, `streamlit/proto/*.proto` and `streamlit/web/server/starlette`.
"""

import asyncio
import json
import time
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.BidiComponent_pb2 import BidiComponent
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime.state.session_state import STREAMLIT_INTERNAL_KEY_PREFIX
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from core.charts.axis import PLACES
from core.text.language import NS_PER_MS

SUPERSEDED = ForwardMsg.FINISHED_EARLY_FOR_RERUN
ANSWER_LIMIT_S = 60.0
TRIGGERS = ("trigger_value", "json_trigger_value")
WIDGETS = (
    *("slider", "button", "checkbox", "button_group", "selectbox", "text_input", "radio"),
    "file_uploader",
)


@dataclass(slots=True, kw_only=True)
class Answer:
    """What one rerun brought, superseded runs of its script included.

    Attributes:
        sent_s: When the rerun was asked for, by `time.perf_counter`.
        took_s: From then until the script had finished.
        elements: What was sent, in this order.
    """

    sent_s: float
    took_s: float = 0.0
    elements: list[Element] = field(default_factory=list)

    def of(self, kind: str) -> list[Element]:
        """Return the elements of a kind: `plotly_chart`, `exception`, `alert`, ..."""
        return [each for each in self.elements if each.WhichOneof("type") == kind]

    @property
    def exceptions(self) -> list[str]:
        """The exceptions that the page shows."""
        return [f"{e.exception.type}: {e.exception.message}" for e in self.of("exception")]

    @property
    def alerts(self) -> list[str]:
        """The texts of the page's messages, errors and hints alike."""
        return [each.alert.body for each in self.of("alert")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """What asks for its fragment again: the ids of both, and after how many seconds."""

    trigger: str
    fragment: str
    after_s: float


class Session:
    """One tab on one page. It asks for one rerun at a time and awaits its end.

    Attributes:
        socket: The connection, for those who are not polite.
        session_id: What the server calls the session; empty before its first answer.
        widgets: The ids of the widgets seen so far, by their keys.
        timer: What asks for the runs again while they grow; None if nothing does.
    """

    def __init__(self, socket: ClientConnection, page: str) -> None:
        self.socket = socket
        self.page = page
        self.page_hash = ""
        self.session_id = ""
        self.query = ""
        self.widgets: dict[str, str] = {}
        self.timer: Timer | None = None
        self._fragments: dict[str, str] = {}
        self._states: dict[str, WidgetState] = {}

    async def rerun(self, **options: str | bool) -> Answer:
        """Run the page's script, or one fragment of it, and return what it brought."""
        answer = Answer(sent_s=time.perf_counter())
        await self.ask(**options)
        async with asyncio.timeout(ANSWER_LIMIT_S):
            await self._read(answer)
        answer.took_s = time.perf_counter() - answer.sent_s
        self._states = {
            key: state
            for key, state in self._states.items()
            if state.WhichOneof("value") not in TRIGGERS
        }
        return answer

    async def refresh(self) -> Answer | None:
        """Wait for the timer and return what it brings; None if there is none."""
        timer = self.timer
        if timer is None:
            return None
        await asyncio.sleep(timer.after_s)
        self.put(timer.trigger).json_trigger_value = json.dumps([{"event": "beat"}])
        return await self.rerun(fragment_id=timer.fragment)

    async def settle(self) -> Answer:
        """Run the page, then its runs until they have ended; return the last answer."""
        answer = await self.rerun()
        while (refreshed := await self.refresh()) is not None:
            answer = refreshed
        return answer

    async def ask(self, **options: str | bool) -> None:
        """Ask for a rerun and do not wait for it."""
        await self.socket.send(self.asked(**options))

    def asked(self, **options: str | bool) -> bytes:
        """Return what a tab sends for a rerun: where it is, and all of its widgets' values."""
        asked = BackMsg()
        state = asked.rerun_script
        state.page_name = self.page
        state.page_script_hash = self.page_hash
        state.query_string = self.query
        for name, value in options.items():
            setattr(state, name, value)  # a field of the message `ClientState`
        state.widget_states.widgets.extend(self._states.values())
        message: bytes = asked.SerializeToString()
        return message

    def choose(self, key: str, *texts: str) -> None:
        """Put a slider of texts on one of them, or choose among pills or segments."""
        self.put(key).string_array_value.data.extend(texts)

    def switch(self, key: str, *, on: bool) -> None:
        """Switch a toggle."""
        self.put(key).bool_value = on

    def press(self, key: str) -> None:
        """Press a button with the next rerun."""
        self.put(key).trigger_value = True

    async def pressed(self, key: str) -> Answer:
        """Press a button, and return what its fragment shows then; the page if it is in none."""
        self.press(key)
        fragment = self._fragments.get(key)
        return await (self.rerun(fragment_id=fragment) if fragment else self.rerun())

    def put(self, key: str) -> WidgetState:
        """Return a new empty state of a widget, to be filled with anything at all."""
        state = WidgetState(id=self.widgets.get(key, key))
        self._states[key] = state
        return state

    def forget(self, key: str) -> None:
        """Send nothing about a widget any more."""
        del self._states[key]

    async def _read(self, answer: Answer) -> None:
        while True:
            message = ForwardMsg.FromString(await self._received())
            match message.WhichOneof("type"):
                case "new_session":
                    self._begin(message)
                case "navigation":
                    self.page_hash = message.navigation.page_script_hash
                case "page_info_changed":
                    self.query = message.page_info_changed.query_string
                case "delta" if message.delta.WhichOneof("type") == "new_element":
                    self._take(answer, message.delta)
                case "script_finished" if message.script_finished != SUPERSEDED:
                    return

    async def _received(self) -> bytes:
        received = await self.socket.recv()
        return received if isinstance(received, bytes) else received.encode()

    def _begin(self, message: ForwardMsg) -> None:
        self.session_id = message.new_session.initialize.session_id
        drawn = message.metadata.run.fragment_ids
        if self.timer is not None and (not drawn or self.timer.fragment in drawn):
            self.timer = None

    def _take(self, answer: Answer, delta: Delta) -> None:
        element = delta.new_element
        answer.elements.append(element)
        kind = element.WhichOneof("type")
        if kind in WIDGETS:
            identity = getattr(element, kind).id
            key = identity.partition("-")[2].partition("-")[2]
            self.widgets[key], self._fragments[key] = identity, delta.fragment_id
        elif kind == "bidi_component" and element.bidi_component.id.endswith(" refresh timer"):
            self.timer = _timer(element.bidi_component, delta.fragment_id)


def _timer(component: BidiComponent, fragment: str) -> Timer:
    """Return the timer of a page; a tab that paints nothing has painted at once."""
    asked = json.loads(component.json)
    return Timer(
        trigger=f"{STREAMLIT_INTERNAL_KEY_PREFIX}_{component.id}__events",
        fragment=fragment,
        after_s=0.0 if asked["when_painted"] else asked["after_ms"] / 1_000,
    )


@asynccontextmanager
async def session(
    stream: str, page: str, query: str = "", **options: Any
) -> AsyncIterator[Session]:
    """Open a tab on a page of a server, whose websocket is at `stream`; nothing is asked yet.

    Further options are those of `connect`, for example `ssl` and `additional_headers`.
    """
    async with connect(
        stream,
        subprotocols=[Subprotocol("streamlit")],
        max_size=None,
        compression=None,
        ping_interval=None,
        **options,
    ) as socket:
        opened = Session(socket, page)
        opened.query = query
        yield opened


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a session asked for: how many jobs, each to sleep for how long."""

    tasks: int
    sleep_ms: float


def faults(answer: Answer, expected: Expected) -> list[str]:
    """Return what is wrong with an answer: errors, and lanes that are not the session's own."""
    shown = figures(answer)
    found = [f"exception: {text}" for text in answer.exceptions]
    found += [
        f"alert: {each.alert.body}"
        for each in answer.of("alert")
        if each.alert.format == each.alert.ERROR
    ]
    if not shown:
        found.append("no chart")
    for figure in shown:
        found += _foreign(lanes(figure), expected.tasks)
        if is_whole(answer):
            found += _foreign(len(set(_measured(figure)["row"])), expected.tasks)
    return found


def figures(answer: Answer) -> list[Any]:
    """Return the figures of the charts in an answer, in the order in which they came."""
    return [json.loads(each.plotly_chart.spec) for each in answer.of("plotly_chart")]


def _foreign(jobs: int, own: int) -> list[str]:
    return [] if jobs == own else [f"{jobs} lanes instead of {own}"]


def lanes(figure: Any) -> int:
    """Return for how many jobs a chart of one run has lanes: those of its ideal schedule."""
    ideal = next(trace for trace in figure["data"] if trace["name"] == "ideal")
    return len(np.unique(_column(ideal["y"])))


def _column(values: Any) -> Any:
    """Return a column of a figure, which Plotly writes as a list or as base64."""
    if isinstance(values, dict):
        return np.frombuffer(b64decode(values["bdata"]), dtype=values["dtype"])
    return np.asarray(values)


def is_whole(answer: Answer) -> bool:
    """Whether an answer shows a run that came to its end: only that has figures."""
    return bool(answer.of("metric"))


def lateness_ms(answer: Answer, expected: Expected) -> list[float]:
    """Return how late each sleep ended: from when its timer was due until its job ran again.

    Read from the bars of the chart: the last wait of a job is that for its timer, and the job runs
    again at the start of its next bar that is no wait; a long step is called blocking there.
    """
    return [
        late for figure in figures(answer) for late in _late(_measured(figure), expected.sleep_ms)
    ]


def _late(bars: pd.DataFrame, sleep_ms: float) -> list[float]:
    found = []
    for _row, job in bars.groupby("row"):
        slept_from_ms = job.loc[job["state"] == "waiting", "start_ms"].max()
        runs_ms = job.loc[~job["state"].isin(["waiting", "ready"]), "start_ms"]
        again_ms = runs_ms[runs_ms > slept_from_ms].min()
        found.append(float(again_ms - slept_from_ms - sleep_ms))
    return found


NOT_MEASURED = ("ideal", "before the first job")
"""Names of bars that are no span of a job."""


def _measured(figure: Any) -> pd.DataFrame:
    """Return the bars of what was measured: `row`, `state` and `start_ms` of each."""
    (unit_ns,) = {place["unit_ns"] for place in figure["layout"]["meta"][PLACES].values()}
    bars = [
        pd.DataFrame(
            {
                "row": _column(trace["y"]),
                "state": trace["name"],
                "start_ms": _column(trace["base"]) * unit_ns / NS_PER_MS,
            }
        )
        for trace in figure["data"]
        if trace.get("orientation") == "h" and trace["name"] not in NOT_MEASURED
    ]
    return pd.concat(bars) if bars else pd.DataFrame({"row": []})
