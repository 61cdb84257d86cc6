"""Ways in which a service may misbehave, by name: what it does, and what the user is to be told."""

from __future__ import annotations

import json
from dataclasses import dataclass

from synthome.errors import (
    AnswerError,
    AuthenticationError,
    ModelError,
    QueryError,
    ServiceBusyError,
    ServiceUnavailableError,
    SynthomeError,
    UnknownModelError,
)
from synthome.models.timing import Timing
from tests.models.remote_services import (
    KEY,
    ORDER,
    PREDICT,
    SAMPLES,
    answer,
    arrow_reply,
    stream,
)
from tests.models.socket_tricks import (
    drip,
    drip_the_headers,
    fall_silent,
    hang_up,
    speak_no_http,
)
from tests.servers import Reply, ScriptedServer

SHORT = Timing(connect=0.5, read=0.3, total=0.8, first_poll=0.01, last_poll=0.02, attempts=3, backoff=0.01)
"""So that every time limit can be waited for."""
PATIENT = Timing(connect=0.5, read=5.0, total=0.8, first_poll=0.01, last_poll=0.02, attempts=3, backoff=0.01)
"""No step ends before everything does."""
WHOLE = json.dumps(answer()).encode()
PAGE = b"<!DOCTYPE html><html><body><h1>Please log in to the campus network</h1></body></html>"


@dataclass(frozen=True)
class Misbehaviour:
    """``path`` is answered with ``replies``; the prediction ends in ``error`` with ``words`` in its message."""

    path: tuple[str, str]
    replies: tuple[Reply, ...]
    error: type[SynthomeError]
    words: str
    timing: Timing = SHORT

    def script(self, server: ScriptedServer) -> None:
        server.on(*self.path, *self.replies)


FASTAPI_DETAIL = {"detail": [{"loc": ["body", "inputs", 0, "metadata", "sex"], "msg": "not a sex", "type": "value"}]}
OLDER = 'Metadata validation failed: ["Query 1 has bad values."]'
TRACEBACK = f"{OLDER}\nTraceback (most recent call last):\n  File 'secret.py', line 3"

AT_THE_START: dict[str, Misbehaviour] = {
    "key refused": Misbehaviour(
        PREDICT, (Reply(401, {"error": f"bad {KEY}"}),), AuthenticationError, "key was refused"
    ),
    "key not allowed this model": Misbehaviour(
        PREDICT, (Reply(403, {"error": "not on your list"}),), AuthenticationError, "It says: not on your list"
    ),
    "firewall page": Misbehaviour(PREDICT, (Reply(403, PAGE),), ServiceUnavailableError, "lets nobody through"),
    "unknown model": Misbehaviour(PREDICT, (Reply(404, {"error": "No gem"}),), UnknownModelError, "such model.*No gem"),
    "quota used up": Misbehaviour(PREDICT, (Reply(402, {"error": "pay"}),), ServiceBusyError, "is used up"),
    "quota told as 429": Misbehaviour(
        PREDICT, (Reply(429, {"error": "Monthly quota exceeded"}),), ServiceBusyError, "is used up.*Monthly quota"
    ),
    "asks to come back in an hour": Misbehaviour(
        PREDICT, (Reply(429, headers={"Retry-After": "3600"}),), ServiceBusyError, "in 60 minutes"
    ),
    "busy for ever": Misbehaviour(PREDICT, (Reply(429),), ServiceBusyError, "Too many requests"),
    "busy, says when": Misbehaviour(
        PREDICT, (Reply(503, headers={"Retry-After": "30"}),), ServiceBusyError, "try again in 30 s"
    ),
    "values refused as agreed": Misbehaviour(
        PREDICT,
        (Reply(422, {"error": KEY, "errors": [{"path": "inputs[1].metadata.sex", "message": f"odd {KEY}"}]}),),
        QueryError,
        r"odd \(key\)",
    ),
    "values refused by FastAPI": Misbehaviour(PREDICT, (Reply(422, FASTAPI_DETAIL),), QueryError, "not a sex"),
    "values refused in the older style": Misbehaviour(
        PREDICT, (Reply(400, {"message": TRACEBACK}),), QueryError, r"^Query 1 has bad values\.$"
    ),
    "values refused in a mapping": Misbehaviour(
        PREDICT, (Reply(400, {"errors": {"inputs.0.num_samples": ["too many"]}}),), QueryError, "too many"
    ),
    "values refused without a word": Misbehaviour(PREDICT, (Reply(422),), QueryError, "refused by"),
    "query too large": Misbehaviour(PREDICT, (Reply(413),), ServiceUnavailableError, "too large"),
    "breaks down": Misbehaviour(PREDICT, (Reply(500, {"error": KEY}),), ServiceUnavailableError, r"\(500\).*\(key\)"),
    "redirects the question": Misbehaviour(
        PREDICT, (Reply(307, headers={"Location": "/x"}),), ServiceUnavailableError, "only redirects"
    ),
    "takes the query and hangs up": Misbehaviour(PREDICT, (Reply(act=hang_up),), ServiceUnavailableError, "broke off"),
    "speaks no HTTP": Misbehaviour(PREDICT, (Reply(act=speak_no_http),), ModelError, "the .* service"),
    "drips its headers": Misbehaviour(
        PREDICT, (Reply(act=drip_the_headers),), ServiceUnavailableError, "within 0.8 s; it was still", PATIENT
    ),
}
"""Both answerers meet these, as both begin with the same request."""

SELF_HOSTED: dict[str, Misbehaviour] = {
    **AT_THE_START,
    "is a hosted service": Misbehaviour(
        PREDICT,
        (Reply(body={"modelQueryId": "q-1"}, headers={"Content-Type": "application/json"}),),
        AnswerError,
        "JSON and no Arrow stream",
    ),
    "page of a proxy": Misbehaviour(
        PREDICT, (Reply(body=PAGE, headers={"Content-Type": "text/html; charset=utf-8"}),), AnswerError, "web page"
    ),
    "says Arrow and sends something else": Misbehaviour(PREDICT, (arrow_reply(WHOLE),), AnswerError, "no Arrow stream"),
    "empty answer": Misbehaviour(PREDICT, (arrow_reply(b""),), AnswerError, "no Arrow stream"),
    "computes for ever": Misbehaviour(
        PREDICT, (arrow_reply(stream(), delay=2.0),), ServiceUnavailableError, "within 0.8 s", PATIENT
    ),
    "drips its answer": Misbehaviour(
        PREDICT,
        (Reply(act=drip(stream())),),
        ServiceUnavailableError,
        r"within 0.8 s; it was still sending the answer \(0 of 2",
        PATIENT,
    ),
    "falls silent": Misbehaviour(
        PREDICT, (Reply(act=fall_silent(stream(batch=1))),), ServiceUnavailableError, "within 0.8 s", PATIENT
    ),
    "answer ends too soon": Misbehaviour(
        PREDICT, (arrow_reply(stream()[:-200], declared=len(stream())),), AnswerError, "cut off"
    ),
    "answer ends unnoticed": Misbehaviour(PREDICT, (arrow_reply(stream()[:-200]),), AnswerError, "cut off"),
    "other operation": Misbehaviour(
        PREDICT, (arrow_reply(stream(request_type="predict_metadata")),), AnswerError, "another kind of question"
    ),
    "other model": Misbehaviour(PREDICT, (arrow_reply(stream(model_id="gem-1-sc")),), AnswerError, "one of gem-1-sc"),
    "no counts": Misbehaviour(PREDICT, (arrow_reply(stream(drop=("counts",))),), AnswerError, "no column counts"),
    "no metadata": Misbehaviour(PREDICT, (arrow_reply(stream(drop=("metadata",))),), AnswerError, "no column metadata"),
    "no genes": Misbehaviour(PREDICT, (arrow_reply(stream(order=None)),), AnswerError, "names no genes"),
    "genes cut off": Misbehaviour(PREDICT, (arrow_reply(stream(order="[1,")),), AnswerError, "names no genes"),
    "gene twice": Misbehaviour(PREDICT, (arrow_reply(stream(order=[ORDER[0]] * 3)),), AnswerError, "more than once"),
    "genes missing": Misbehaviour(
        PREDICT, (arrow_reply(stream([[1, 2]] * SAMPLES)),), AnswerError, "Sample 1 .* 2 counts for 3 genes"
    ),
    "ragged": Misbehaviour(
        PREDICT, (arrow_reply(stream([[1, 2, 3], [1, 2]])),), AnswerError, "Sample 2 .* 2 counts for 3 genes"
    ),
    "negative": Misbehaviour(PREDICT, (arrow_reply(stream([[1, -2, 3]] * SAMPLES)),), AnswerError, "negative"),
    "holes in the counts": Misbehaviour(
        PREDICT, (arrow_reply(stream([[1, None, 3]] * SAMPLES)),), AnswerError, "no numbers"
    ),
    "sample without counts": Misbehaviour(
        PREDICT,
        (arrow_reply(stream([[1, 2, 3], None])),),
        AnswerError,
        "no list of numbers",  # type: ignore[list-item]
    ),
    "more samples": Misbehaviour(
        PREDICT, (arrow_reply(stream([[1, 2, 3]] * 9, batch=1)),), AnswerError, "2 samples were asked for and more came"
    ),
    "fewer samples": Misbehaviour(
        PREDICT, (arrow_reply(stream([[1, 2, 3]])),), AnswerError, "2 samples were asked for and 1 came"
    ),
    "no samples": Misbehaviour(PREDICT, (arrow_reply(stream([])),), AnswerError, "2 samples were asked for and 0 came"),
}
