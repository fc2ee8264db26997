"""Fetching from a server on loopback that does everything that servers do wrong."""

from __future__ import annotations

import datetime
import io
import json
import threading
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from studie.config import project_root
from studie.data import fetch as fetching
from studie.data.download import download
from studie.data.fetch import Fetched, provenance
from studie.data.online import read_online
from studie.errors import InputError

ROOT = Path(__file__).resolve().parents[3]
DAY = datetime.date(2026, 11, 23)
TEXT = b"periode;waarde\n" + b"2025 K4;1234\n" * 20_000
Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Does what the test has put down for the path, one thing per request."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))
        plan = self.server.plans[self.path.partition("?")[0]]
        (plan.pop(0) if len(plan) > 1 else plan[0])(self)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


class Server(ThreadingHTTPServer):
    """Plans per path, and what was asked."""

    daemon_threads = True
    plans: dict[str, list[Answer]]
    asked: list[tuple[str, dict[str, str]]]

    def handle_error(self, request: object, client_address: object) -> None:
        """Broken connections are meant."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server on this machine, which no proxy stands before."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    made = Server(("127.0.0.1", 0), Handler)
    made.plans, made.asked = {}, []
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server) -> Path:
    """A study with one online source per kind of content."""
    monkeypatch.setenv("STUDIE_ROOT", str(tmp_path))
    (tmp_path / "config").mkdir()
    base = {"title": "t", "licence": "l", "publisher": "p", "most_mb": 1, "verified": True}
    address = f"http://127.0.0.1:{server.server_address[1]}"
    table = {"url": f"{address}/table", "format": "wewis-cmw03", "content": "text", "extension": "csv"}
    packed = {"url": f"{address}/zip", "format": "kbo", "content": "zip", "extension": "zip"}
    kinds = {
        "table": {**table, "header": "periode"},
        "zip": packed,
        "json": {**table, "url": f"{address}/json", "content": "json", "extension": "json", "header": "facts"},
        "closed": {**packed, "login": True, "note": "Maak een account."},
        "unsure": {**table, "header": "periode", "verified": False, "note": "Niet nagekeken."},
    }
    entries = {name: {**base, "by_hand": f"{address}/by-hand", **kind} for name, kind in kinds.items()}
    (tmp_path / "config" / "sources.yaml").write_text(json.dumps(entries), encoding="utf-8")
    return tmp_path


def whole(body: bytes, *, etag: str = '"1"', code: int = 200, **more: str) -> Answer:
    """A sound answer, that also knows about parts and about versions."""

    def answer(handler: Handler) -> None:
        known = handler.headers.get("If-None-Match")
        if known and known == etag:
            handler.send_response(304)
            handler.end_headers()
            return
        asked, start, status = handler.headers.get("Range"), 0, code
        if asked and handler.headers.get("If-Range") == etag:
            start, status = int(asked.removeprefix("bytes=").rstrip("-")), 206
        handler.send_response(status)
        if status == 206:
            handler.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        handler.send_header("Content-Length", str(len(body) - start))
        if etag:
            handler.send_header("ETag", etag)
        for name, value in more.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body[start:])

    return answer


def dropping(body: bytes, at: int, *, etag: str = '"1"') -> Answer:
    """An answer that breaks off."""

    def answer(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.send_header("ETag", etag)
        handler.end_headers()
        handler.wfile.write(body[:at])
        handler.wfile.flush()
        handler.close_connection = True

    return answer


def status(code: int, **headers: str) -> Answer:
    """An answer without content."""

    def answer(handler: Handler) -> None:
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


def fetched(name: str = "table", *, day: datetime.date = DAY) -> Fetched:
    return fetching.fetch(name, today=day, sleep=lambda _: None)


def raw() -> list[str]:
    folder = project_root() / "data" / "own" / "raw"
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_a_file_is_kept_with_its_day_checksum_and_address(study: Path, server: Server) -> None:
    server.plans["/table"] = [whole(TEXT)]
    got = fetched()
    assert raw() == ["table-2026-11-23.csv", "table-2026-11-23.csv.json"]
    assert got.path.read_bytes() == TEXT
    assert got.command == "studie data import wewis-cmw03 data/own/raw/table-2026-11-23.csv"
    known = provenance(got.path)
    assert known["sha256"] == got.sha256
    assert known["url"].endswith("/table")
    assert (known["retrieved"], known["size"], known["etag"]) == ("2026-11-23", str(len(TEXT)), '"1"')


def test_unchanged_content_is_not_stored_twice(study: Path, server: Server) -> None:
    server.plans["/table"] = [whole(TEXT), whole(TEXT), whole(TEXT, etag='"2"'), whole(TEXT + b"x;1\n", etag='"3"')]
    assert [fetched(day=DAY + datetime.timedelta(days=n)).outcome for n in range(4)] == [
        "new",
        "unchanged",
        "unchanged",
        "new",
    ]
    assert server.asked[1][1]["If-None-Match"] == '"1"'
    assert [name for name in raw() if name.endswith("csv")] == ["table-2026-11-23.csv", "table-2026-11-26.csv"]


def test_a_second_version_on_one_day_gets_a_number(study: Path, server: Server) -> None:
    server.plans["/table"] = [whole(TEXT), whole(TEXT + b"x;1\n", etag='"2"')]
    assert [fetched().path.name for _ in range(2)] == ["table-2026-11-23.csv", "table-2026-11-23-2.csv"]


def test_a_kept_file_that_was_damaged_is_fetched_again(study: Path, server: Server) -> None:
    server.plans["/table"] = [whole(TEXT)]
    fetched().path.write_bytes(b"periode")
    got = fetched(day=DAY + datetime.timedelta(days=1))
    assert (got.outcome, got.path.read_bytes()) == ("new", TEXT)


def test_a_dropped_connection_is_gone_on_with_where_it_broke_off(study: Path, server: Server) -> None:
    server.plans["/table"] = [dropping(TEXT, 200_000), whole(TEXT)]
    assert fetched().path.read_bytes() == TEXT
    second = server.asked[1][1]
    assert int(second["Range"].removeprefix("bytes=").rstrip("-")) > 0
    assert second["If-Range"] == '"1"'


def test_a_file_that_changed_in_between_is_fetched_anew(study: Path, server: Server) -> None:
    other = TEXT.replace(b"1234", b"9876")
    server.plans["/table"] = [dropping(TEXT, 200_000), whole(other, etag='"2"')]
    assert fetched().path.read_bytes() == other


def test_a_part_of_another_version_is_never_joined(study: Path, server: Server) -> None:
    other = TEXT.replace(b"1234", b"9876")

    def careless(handler: Handler) -> None:
        """A server that goes on with another version."""
        start = int((handler.headers.get("Range") or "bytes=0-").removeprefix("bytes=").rstrip("-"))
        handler.send_response(206)
        handler.send_header("Content-Range", f"bytes {start}-{len(other) - 1}/{len(other)}")
        handler.send_header("Content-Length", str(len(other) - start))
        handler.send_header("ETag", '"2"')
        handler.end_headers()
        handler.wfile.write(other[start:])

    server.plans["/table"] = [dropping(TEXT, 200_000), careless, whole(other, etag='"2"')]
    assert fetched().path.read_bytes() == other


def test_a_part_that_the_server_no_longer_knows_is_thrown_away(study: Path, server: Server) -> None:
    server.plans["/table"] = [dropping(TEXT, 200_000), status(416), whole(TEXT)]
    assert fetched().path.read_bytes() == TEXT
    assert "Range" not in server.asked[2][1]


def test_a_download_that_stays_broken_leaves_no_file_and_the_next_one_goes_on(study: Path, server: Server) -> None:
    server.plans["/table"] = [dropping(TEXT, 100_000)]
    with pytest.raises(InputError, match="no whole file after 5 tries"):
        fetched()
    assert raw() == ["table.unfinished.part", "table.unfinished.part.json"]
    server.plans["/table"] = [whole(TEXT)]
    assert fetched().path.read_bytes() == TEXT
    assert "Range" in server.asked[-1][1]
    assert raw() == ["table-2026-11-23.csv", "table-2026-11-23.csv.json"]


def test_a_passing_error_is_tried_again_after_the_pause_that_the_server_asks(study: Path, server: Server) -> None:
    server.plans["/table"] = [status(503, Retry_After="7"), status(500), whole(TEXT)]
    pauses: list[float] = []
    fetching.fetch("table", today=DAY, sleep=pauses.append)
    assert pauses == [7.0, 14.0]


@pytest.mark.parametrize("code", [404, 403, 410])
def test_an_address_that_is_gone_is_said_at_once(study: Path, server: Server, code: int) -> None:
    server.plans["/table"] = [status(code)]
    with pytest.raises(InputError, match=f"the server said {code}"):
        fetched()
    assert len(server.asked) == 1
    assert raw() == []


def test_a_circle_of_addresses_is_left(study: Path, server: Server) -> None:
    server.plans["/table"] = [status(302, Location="/other")]
    server.plans["/other"] = [status(302, Location="/table")]
    with pytest.raises(InputError, match="leads in circles"):
        fetched()
    assert len(server.asked) == 6


def test_a_redirect_is_followed_and_kept_as_the_address(study: Path, server: Server) -> None:
    server.plans["/table"] = [status(302, Location="/other")]
    server.plans["/other"] = [whole(TEXT)]
    assert provenance(fetched().path)["url"].endswith("/other")


@pytest.mark.parametrize(
    "page", [b"<!DOCTYPE html><html>", b"\n  <html lang='nl'>", b"\xef\xbb\xbf<HTML>Please enable JavaScript"]
)
@pytest.mark.parametrize("name", ["table", "zip", "json"])
def test_a_web_page_in_place_of_data_is_refused_with_where_to_get_the_file(
    study: Path, server: Server, name: str, page: bytes
) -> None:
    server.plans[f"/{name}"] = [whole(page)]
    with pytest.raises(InputError, match="got a web page") as error:
        fetched(name)
    assert "/by-hand" in str(error.value)
    assert raw() == []


def test_content_of_another_kind_is_refused(study: Path, server: Server) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as out:
        out.writestr("a.csv", "x" * 1000)
    sound = packed.getvalue()
    wrong = {
        "zip": [b"PK\x03\x04 cut", sound[:-10], b"periode;x\n"],
        "json": [b'{"facts": [', b'{"other": 1}', b"facts"],
        "table": [b"", b"maand;waarde\n", b"\x00periode\n"],
    }
    for name, bodies in wrong.items():
        for body in bodies:
            server.plans[f"/{name}"] = [whole(body, etag="")]
            with pytest.raises(InputError, match=f"^{name}: must"):
                fetched(name)
            assert raw() == [], (name, body)
    server.plans["/zip"], server.plans["/json"] = [whole(sound)], [whole(b'{"facts": []}')]
    assert [fetched(name).outcome for name in ("zip", "json")] == ["new", "new"]


def test_more_than_the_limit_is_refused_whether_the_server_says_so_or_not(study: Path, server: Server) -> None:
    large = b"periode\n" + b"x" * 1_100_000

    def unsaid(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.wfile.write(large)
        handler.close_connection = True

    for plan in (whole(large), unsaid):
        server.plans["/table"] = [plan]
        with pytest.raises(InputError, match="must be at most 1,000,000 bytes"):
            fetched()
        assert raw() == []


def test_a_server_that_does_not_answer_is_one_line(tmp_path: Path, server: Server) -> None:
    server.shutdown()
    server.server_close()
    url = f"http://127.0.0.1:{server.server_address[1]}/x"
    with pytest.raises(InputError, match=r"^http://127.0.0.1:\d+/x: no whole file after 5 tries, [^\n]+$"):
        download(url, tmp_path / "x", most_bytes=10, sleep=lambda _: None)
    assert list(tmp_path.iterdir()) == []


def test_a_source_behind_a_login_says_where_to_get_it_by_hand(study: Path) -> None:
    with pytest.raises(InputError, match=r"without a login.*by-hand.*studie data import kbo PATH.*Maak een account"):
        fetched("closed")


def test_an_address_that_is_not_verified_says_so(study: Path, server: Server) -> None:
    server.plans["/table"] = [whole(TEXT)]
    assert fetched("unsure").notes == ("address not verified: Niet nagekeken.",)


def test_the_list_of_sources_is_sound_and_names_formats_that_exist() -> None:
    from studie.data.importers import FORMATS

    entries = read_online(ROOT / "config" / "sources.yaml")
    assert {entry.format for entry in entries.values()} <= set(FORMATS)
    assert set(FORMATS) - {entry.format for entry in entries.values()} == {"own"}
    assert entries["kbo"].login
    assert not entries["provincies-in-cijfers"].verified


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"url": "http://example.org/x"}, "must begin with https://"),
        ({"adres": "x"}, "adres: Extra inputs"),
        ({"verified": False}, "must have a note"),
        ({"content": "pdf"}, "content"),
    ],
)
def test_a_wrong_entry_is_refused_by_name(tmp_path: Path, change: dict[str, object], said: str) -> None:
    entry: dict[str, object] = {
        "title": "t", "url": "https://a.be/x", "format": "kbo", "content": "zip", "extension": "zip", "most_mb": 1,
        "licence": "l", "publisher": "p", "verified": True, "by_hand": "https://a.be/",
    }  # fmt: skip
    path = tmp_path / "sources.yaml"
    path.write_text(json.dumps({"one": {**entry, **change}}), encoding="utf-8")
    with pytest.raises(InputError, match=rf"sources\.yaml: one: .*{said}"):
        read_online(path)


def test_the_table_of_a_databank_is_asked_at_the_address_that_its_client_writes() -> None:
    entry = read_online(ROOT / "config" / "sources.yaml")["provincies-in-cijfers"]
    address = fetching._table_address(entry)
    assert address.startswith("https://provincies.incijfers.be/jive/selectiontableasjson.ashx?var=")
    assert "geolevel=gemeente" in address
