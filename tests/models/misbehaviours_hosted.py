"""Ways in which the hosted service may misbehave after it was asked: at the start, while it works, in the download."""

from __future__ import annotations

import gzip

from synthome.errors import (
    AnswerError,
    AuthenticationError,
    ModelError,
    QueryError,
    ServiceBusyError,
    ServiceUnavailableError,
)
from synthome.models.timing import Timing
from tests.models.misbehaviours import AT_THE_START, PAGE, TRACEBACK, WHOLE, Misbehaviour
from tests.models.remote_services import (
    DOWNLOAD,
    KEY,
    ORDER,
    PREDICT,
    SAMPLES,
    STATUS,
    answer,
    outputs,
)
from tests.models.socket_tricks import (
    drip,
    endless,
    fall_silent,
    hang_up_within_a_chunk,
)
from tests.servers import Reply


def _redirect_for_ever(path: tuple[str, str]) -> Reply:
    return Reply(302, headers={"Location": path[1]})


def _say_ready_with(url: str) -> Reply:
    return Reply(body={"status": "ready", "downloadUrl": url})


def _answered_with(**changes: object) -> Reply:
    return Reply(body=answer(**changes))


HOSTED: dict[str, Misbehaviour] = {
    **AT_THE_START,
    "login page": Misbehaviour(PREDICT, (Reply(body=PAGE),), AnswerError, "web page"),
    "empty start": Misbehaviour(PREDICT, (Reply(body=b""),), AnswerError, "An empty answer"),
    "start is no object": Misbehaviour(PREDICT, (Reply(body=[1]),), AnswerError, "no JSON object"),
    "start without an id": Misbehaviour(PREDICT, (Reply(body={"id": 1}),), AnswerError, "no id came back"),
    "id that leads elsewhere": Misbehaviour(
        PREDICT, (Reply(body={"modelQueryId": "../../x"}),), AnswerError, "no id came back"
    ),
    "id that repeats the key": Misbehaviour(
        PREDICT, (Reply(body={"modelQueryId": KEY}),), AnswerError, "no id came back"
    ),
    "silent at the start": Misbehaviour(PREDICT, (Reply(delay=1.0),), ServiceUnavailableError, "Nothing came .* 0.3 s"),
    "drips the start": Misbehaviour(
        PREDICT,
        (Reply(act=drip(b'{"modelQueryId": "q-1"' + b" " * 1000)),),
        ServiceUnavailableError,
        "within 0.8 s; it was still taking the query",
    ),
    "long reply without end": Misbehaviour(
        PREDICT, (Reply(act=endless(b" " * (1 << 20))),), ModelError, "has no end|within 0.8 s"
    ),
    "never done": Misbehaviour(
        STATUS, (Reply(body={"status": "running"}),), ServiceUnavailableError, "within 0.8 s.* working on query q-1"
    ),
    "query forgotten": Misbehaviour(STATUS, (Reply(404),), AnswerError, "no longer known"),
    "key refused while waiting": Misbehaviour(STATUS, (Reply(401),), AuthenticationError, "key was refused"),
    "status breaks down": Misbehaviour(STATUS, (Reply(500, PAGE),), ServiceUnavailableError, r"\(500\) was reported"),
    "status is a page": Misbehaviour(STATUS, (Reply(body=PAGE),), AnswerError, "web page"),
    "status says nothing": Misbehaviour(STATUS, (Reply(body={}),), AnswerError, "does not say"),
    "status in every direction": Misbehaviour(
        STATUS, (_redirect_for_ever(STATUS),), ServiceUnavailableError, "again and again"
    ),
    "status redirects to a file": Misbehaviour(
        STATUS, (Reply(302, headers={"Location": "file:///etc/passwd"}),), ServiceUnavailableError, "no web address"
    ),
    "status drips": Misbehaviour(
        STATUS,
        (Reply(act=drip(b'{"status":' + b" " * 1000)),),
        ServiceUnavailableError,
        "within 0.8 s; it was still working on query q-1",
    ),
    "status asks for an hour": Misbehaviour(
        STATUS, (Reply(503, headers={"Retry-After": "3600"}),), ServiceBusyError, "in 60 minutes"
    ),
    "retries that add up": Misbehaviour(
        STATUS,
        (Reply(503, delay=0.25),),
        ServiceUnavailableError,
        r"within 0.8 s|\(503\)",
        Timing(connect=0.5, read=5.0, total=0.8, first_poll=0.01, attempts=50, backoff=0.01),
    ),
    "failed with a traceback": Misbehaviour(
        STATUS,
        (
            Reply(
                body={"status": "failed", "message": f"out of memory for {KEY}\nTraceback (most recent call last):\n x"}
            ),
        ),
        ModelError,
        r"^The query failed at the hosted service: out of memory for \(key\)$",
    ),
    "failed over its values": Misbehaviour(
        STATUS, (Reply(body={"status": "failed", "message": TRACEBACK}),), QueryError, r"^Query 1 has bad values\.$"
    ),
    "failed without a word": Misbehaviour(STATUS, (Reply(body={"status": "failed"}),), ModelError, "does not say why"),
    "ready without a link": Misbehaviour(STATUS, (Reply(body={"status": "ready"}),), AnswerError, "no download"),
    "link to a file": Misbehaviour(STATUS, (_say_ready_with("file:///etc/passwd"),), AnswerError, "no web address"),
    "link that repeats the key": Misbehaviour(
        STATUS, (_say_ready_with(f"/signed?token={KEY}"),), AnswerError, "no web address"
    ),
    "link that is broken": Misbehaviour(STATUS, (_say_ready_with("http://[::1"),), AnswerError, "no web address"),
    "link that has expired": Misbehaviour(DOWNLOAD, (Reply(403, PAGE),), AnswerError, "link may have expired"),
    "download is a page": Misbehaviour(DOWNLOAD, (Reply(body=PAGE),), AnswerError, "web page"),
    "download says why not": Misbehaviour(
        DOWNLOAD, (Reply(body={"error": f"not for {KEY}"}),), AnswerError, r"It says: not for \(key\)"
    ),
    "download is empty": Misbehaviour(DOWNLOAD, (Reply(body=b""),), AnswerError, "cannot be read|cut off"),
    "download is no object": Misbehaviour(DOWNLOAD, (Reply(body=b"[1, 2]"),), AnswerError, "not as agreed"),
    "download is no text": Misbehaviour(DOWNLOAD, (Reply(body=b"\xff\xfe\x00"),), AnswerError, "not as agreed"),
    "download without samples": Misbehaviour(DOWNLOAD, (_answered_with(outputs=3),), AnswerError, "no samples"),
    "download ends too soon": Misbehaviour(
        DOWNLOAD, (Reply(body=WHOLE[:-30], declared=len(WHOLE)),), AnswerError, "cut off"
    ),
    "download ends unnoticed": Misbehaviour(DOWNLOAD, (Reply(body=WHOLE[:-30]),), AnswerError, "cut off"),
    "download ends within a chunk": Misbehaviour(
        DOWNLOAD, (Reply(act=hang_up_within_a_chunk),), AnswerError, "cut off"
    ),
    "download falls silent": Misbehaviour(
        DOWNLOAD, (Reply(act=fall_silent(WHOLE)),), ServiceUnavailableError, "Nothing came .* 0.3 s|within 0.8 s"
    ),
    "download drips": Misbehaviour(
        DOWNLOAD,
        (Reply(act=drip(WHOLE)),),
        ServiceUnavailableError,
        "within 0.8 s; it was still sending the answer to query q-1",
    ),
    "download never ends": Misbehaviour(
        DOWNLOAD, (Reply(act=endless(b" " * 4096, b'{"outputs": ')),), ServiceUnavailableError, "within 0.8 s"
    ),
    "download of broken gzip": Misbehaviour(
        DOWNLOAD,
        (Reply(body=b"\x1f\x8b" + gzip.compress(WHOLE)[20:], headers={"Content-Encoding": "gzip"}),),
        AnswerError,
        "garbled",
    ),
    "download nested without end": Misbehaviour(
        DOWNLOAD, (Reply(body=b'{"a":' * 99_999),), AnswerError, "as agreed|cut"
    ),
    "genes not told": Misbehaviour(DOWNLOAD, (_answered_with(gene_order=None),), AnswerError, "names no genes"),
    "gene told twice": Misbehaviour(
        DOWNLOAD, (_answered_with(gene_order=[ORDER[0], ORDER[1], ORDER[0]]),), AnswerError, "more than once"
    ),
    "genes missing": Misbehaviour(
        DOWNLOAD, (_answered_with(samples=outputs([1, 2])),), AnswerError, "2 counts for 3 genes"
    ),
    "gene nobody knows": Misbehaviour(
        DOWNLOAD, (_answered_with(samples=outputs({"ENSG7": 1})),), AnswerError, "ENSG7, which is not among"
    ),
    "ragged samples": Misbehaviour(
        DOWNLOAD,
        (_answered_with(samples=[*outputs(num_samples=1), *outputs([1, 2, 3, 4], 1)]),),
        AnswerError,
        "Sample 2 .* 4 counts",
    ),
    "negative counts": Misbehaviour(DOWNLOAD, (_answered_with(samples=outputs([1, -2, 3])),), AnswerError, "negative"),
    "fractional counts": Misbehaviour(
        DOWNLOAD, (_answered_with(samples=outputs([1, 2.5, 3])),), AnswerError, "fractional"
    ),
    "counts that are NaN": Misbehaviour(
        DOWNLOAD, (_answered_with(samples=outputs([1, float("nan"), 3])),), AnswerError, "no numbers"
    ),
    "huge counts": Misbehaviour(
        DOWNLOAD, (_answered_with(samples=outputs([1, 2**70, 3])),), AnswerError, "no list of numbers"
    ),
    "counts of ten thousand digits": Misbehaviour(
        DOWNLOAD, (Reply(body=b'{"outputs": [{"counts": [' + b"9" * 10_000 + b"]}]}"),), AnswerError, "not as agreed"
    ),
    "counts in words": Misbehaviour(
        DOWNLOAD, (_answered_with(samples=outputs([1, "2", 3])),), AnswerError, "no list of numbers"
    ),
    "sample without counts": Misbehaviour(
        DOWNLOAD, (_answered_with(samples=[{"metadata": {}}] * SAMPLES),), AnswerError, "no counts"
    ),
    "fewer samples": Misbehaviour(
        DOWNLOAD, (_answered_with(samples=outputs(num_samples=1)),), AnswerError, "2 samples were asked for and 1 came"
    ),
    "more samples": Misbehaviour(
        DOWNLOAD, (_answered_with(samples=outputs(num_samples=3)),), AnswerError, "2 samples were asked for and more"
    ),
    "answer of another model": Misbehaviour(
        DOWNLOAD, (_answered_with(model_id="gem-1-sc"),), AnswerError, "one of gem-1-sc, but gem-1-bulk was asked"
    ),
    "latents that are none": Misbehaviour(
        DOWNLOAD,
        (_answered_with(samples=[{"counts": [1, 2, 3], "latents": {"biological": 3}}] * SAMPLES),),
        AnswerError,
        "latents",
    ),
}
