"""Who may ask the server: keys, and the links that stand in for them."""

from __future__ import annotations

import socket
import stat
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from synthome.api import download_links
from synthome.query import BULK
from synthome.runs import Runner
from synthome.settings import Settings
from tests.api.client import fault, finished_link, get, predict
from tests.api.conftest import Configure

KEY = "class-of-2026"

# Keys ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sent", [None, "wrong", KEY[:-1], f"{KEY} {KEY}", "ü"])
@pytest.mark.parametrize("path", ["models", f"models/{BULK}/example-query", "model-queries/x/status"])
def test_with_keys_set_nobody_gets_in_without_one(base: str, configure: Configure, path: str, sent: str | None) -> None:
    configure(api_keys=f"other, {KEY}")
    headers = {} if sent is None else {"Authorization": f"Bearer {sent}".encode()}
    answer = requests.get(f"{base}/api/{path}", headers=headers, timeout=10)
    status, sentence = fault(answer)
    assert status == 401
    assert "Authorization: Bearer" in sentence
    assert KEY not in answer.text
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_with_keys_set_a_prediction_needs_one_of_them(base: str, configure: Configure) -> None:
    configure(api_keys=f"other,{KEY}")
    assert fault(predict(base))[0] == 401
    assert predict(base, key=KEY).status_code == 200
    assert predict(base, key="other").status_code == 200


def test_a_body_is_not_waited_for_from_somebody_without_a_key(base: str, configure: Configure) -> None:
    configure(api_keys=KEY)
    address = urlsplit(base)
    head = f"POST /api/models/{BULK}/predict HTTP/1.1\r\nHost: {address.netloc}\r\n"
    head += "Content-Type: application/json\r\nContent-Length: 10000000\r\n\r\n"
    with socket.create_connection((str(address.hostname), address.port or 80), timeout=5) as connection:
        connection.sendall(head.encode())
        assert connection.recv(1000).startswith(b"HTTP/1.1 401 ")


def test_an_answer_is_kept_from_others_by_an_id_that_nobody_can_guess(base: str, configure: Configure) -> None:
    configure()
    ids = {predict(base).json()["modelQueryId"] for _ in range(2)}
    assert all(len(query_id) >= 22 for query_id in ids)
    assert len(ids) == 2


def test_terms_can_be_searched_without_a_key(base: str, configure: Configure) -> None:
    configure(api_keys=KEY)
    assert get(base, "terms?q=liver").status_code == 200


def test_without_keys_set_any_or_none_will_do(base: str, configure: Configure) -> None:
    configure()
    assert get(base, "models").status_code == get(base, "models", "anything").status_code == 200


def test_keys_are_not_shown_with_the_settings() -> None:
    assert KEY not in repr(Settings(api_keys=KEY))


def test_keys_are_not_in_the_log(
    base: str, configure: Configure, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    configure(api_keys=KEY)
    with caplog.at_level("DEBUG"):
        predict(base, key=KEY)
        predict(base, key="wrong-key")
    written = caplog.text + "".join(capfd.readouterr())
    assert KEY not in written
    assert "wrong-key" not in written


# Links --------------------------------------------------------------------------------------------------------------


def test_the_link_of_an_answer_needs_no_key(base: str, configure: Configure, runner: Runner) -> None:
    configure(api_keys=KEY)
    assert requests.get(finished_link(base, runner, KEY), timeout=10).status_code == 200


def test_a_link_that_was_changed_or_made_up_is_refused(base: str, configure: Configure, runner: Runner) -> None:
    configure()
    link = finished_link(base, runner)
    other = finished_link(base, runner)
    path, _, parameters = link.partition("?")
    for spoilt in (
        path,
        link.replace("expires=", "expires=9"),
        link[:-1],
        f"{other.partition('?')[0]}?{parameters}",
        f"{path}?expires=never&signature=ü",
    ):
        status, sentence = fault(requests.get(spoilt, timeout=10))
        assert (status, "not given out here" in sentence) == (403, True), spoilt


def test_an_old_link_says_to_ask_for_a_fresh_one(base: str, configure: Configure, runner: Runner) -> None:
    configure(api_link_minutes=-1)
    status, sentence = fault(requests.get(finished_link(base, runner), timeout=10))
    assert status == 403
    assert "expired" in sentence
    assert "fresh one" in sentence


def test_the_secret_of_links_is_for_its_owner_alone_and_outlives_the_process(
    base: str, configure: Configure, runner: Runner, tmp_path: Path
) -> None:
    configure()
    link = finished_link(base, runner)
    assert stat.S_IMODE((tmp_path / "download_secret").stat().st_mode) == 0o600
    download_links._secret.cache_clear()  # as a new process begins
    assert requests.get(link, timeout=10).status_code == 200


def test_links_of_another_installation_are_refused(
    base: str, configure: Configure, runner: Runner, tmp_path: Path
) -> None:
    configure()
    link = finished_link(base, runner)
    configure(data_dir=tmp_path / "elsewhere")
    assert fault(requests.get(link, timeout=10))[0] == 403


def test_a_secret_that_was_left_half_written_is_made_anew(configure: Configure, tmp_path: Path) -> None:
    configure()
    (tmp_path / "download_secret").write_bytes(b"half")
    download_links._secret.cache_clear()
    download_links.check_signature("q", **download_links.signature_of("q"))
    assert len((tmp_path / "download_secret").read_bytes()) == 32


def test_links_work_where_nothing_can_be_written(configure: Configure, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    configure(data_dir=tmp_path / "file" / "folder")
    download_links.check_signature("q", **download_links.signature_of("q"))
