"""The files of config/deploy, with the real programs that read them."""

from __future__ import annotations

import gzip
import http.client
import os
import re
import shutil
import socket
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from time import monotonic

import pytest
import yaml
from running_service import Service, serving
from small_site import Site

from feedpub.config import load

DEPLOY = Path(__file__).parent.parent / "config" / "deploy"
UNIT = DEPLOY / "feedpub@.service"
MOST_EXPOSURE = 1.3
"""Of 10, as systemd-analyze counts; what listens on a network at all has some."""


def needed(program: str) -> str:
    """Return where a program of the system is; where .ci/run installed it, it must be."""
    found = shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if found is None and os.environ.get("PROGRAMS_INSTALLED"):
        pytest.fail(f"{program} was not installed by .ci/run")
    return found or pytest.skip(f"{program} is not installed")


# systemd


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """Return the unit as one of a site, with a program that is there."""
    text = UNIT.read_text(encoding="utf-8").replace("/opt/feedpub/bin/feedpub", "/bin/true")
    file = tmp_path / "feedpub@news.service"
    file.write_text(text, encoding="utf-8")
    return file


def test_systemd_takes_the_unit_as_it_is(unit: Path) -> None:
    program = needed("systemd-analyze")
    done = subprocess.run(
        [program, "verify", "--man=no", unit], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_unit_leaves_little_open(unit: Path) -> None:
    program = needed("systemd-analyze")
    done = subprocess.run(
        [program, "security", "--offline=true", f"--threshold={int(MOST_EXPOSURE * 10)}", unit],
        capture_output=True,
        text=True,
        check=False,
    )
    level = re.search(r"exposure level for .*: ([0-9.]+)", done.stdout)
    assert level
    assert (done.returncode, float(level[1]) <= MOST_EXPOSURE) == (0, True), done.stdout[-300:]


def test_what_the_unit_lets_write_is_where_its_config_writes(tmp_path: Path) -> None:
    text = UNIT.read_text(encoding="utf-8")
    config = load(told_config(tmp_path, text, {"/srv/news/content": "content"}))
    [folder] = re.findall(r"^StateDirectory=(.+)$", text, re.MULTILINE)
    allowed = Path("/var/lib", folder.replace("%i", "news"))
    for root in (config.output.root, config.state.root):
        assert root.is_relative_to(allowed)
    assert f"{Path('/etc/feedpub', '%i.yaml')} serve" in text


def told_config(tmp_path: Path, text: str, moved: dict[str, str]) -> Path:
    """Write the config that the comment of a file tells of, some of its folders elsewhere."""
    lines = re.findall(r"^#   (\w+: +\{root: .+\})$", text, re.MULTILINE)
    told = yaml.safe_load("\n".join(lines))
    assert told.keys() == {"content", "output", "state"}
    for group in told.values():
        group["root"] = moved.get(group["root"], group["root"])
    site = {"url": "https://feeds.example.org/", "title": "News"}
    (tmp_path / "content").mkdir()
    file = tmp_path / "feedpub.yaml"
    file.write_text(yaml.safe_dump({"site": site, **told}), encoding="utf-8")
    return file


# the container


def test_what_the_container_may_write_is_where_its_config_writes(tmp_path: Path) -> None:
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    config = load(told_config(tmp_path, text, {}))
    assert config.content.root == tmp_path / "content", "beside the config, in /site"
    for root in (config.output.root, config.state.root):
        assert root.is_relative_to("/data")
    assert "\nVOLUME /data\n" in text
    assert "-v feeds:/data " in text


def test_the_container_is_built_from_what_the_package_is_built_from() -> None:
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    copied = {
        word
        for line in re.findall(r"^COPY ([^-].*) /src", text, re.MULTILINE)
        for word in line.split()
    }
    assert all((DEPLOY.parent.parent / name).exists() for name in copied)
    project = tomllib.loads((DEPLOY.parent.parent / "pyproject.toml").read_text(encoding="utf-8"))
    built = {project["project"]["readme"], *project["project"]["license-files"]}
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    built |= {*wheel["packages"], *(Path(path).parts[0] for path in wheel["shared-data"])}
    assert copied == built | {"pyproject.toml", ".ci"}


def test_the_container_runs_without_rights_and_says_how_it_is() -> None:
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    steps = [line.split(maxsplit=1) for line in text.splitlines() if line[:1] not in {"", "#"}]
    last = dict(steps)
    assert last["USER"] == "feedpub"
    assert last["ENTRYPOINT"] == '["feedpub"]'
    assert last["CMD"].startswith('["serve", "--host", "0.0.0.0"')
    assert "/healthz" in last["HEALTHCHECK"]
    assert '"/src[$EXTRAS]"' in text
    assert "ARG EXTRAS=serve,tz\n" in text


def test_the_health_check_of_the_container_asks_a_real_service(tmp_path: Path) -> None:
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    found = re.search(r'CMD \["python", "-c", "(.+)"\]', text)
    assert found
    with serving(Site(tmp_path).fill()) as service:
        script = found[1].replace("8080", str(service.port))
        assert subprocess.run(["python3", "-c", script], check=False).returncode == 0
        service.stop()
        done = subprocess.run(["python3", "-c", script], capture_output=True, check=False)
        assert done.returncode != 0


# nginx


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Message
    body: bytes


@dataclass(frozen=True)
class Nginx:
    port: int

    def get(self, path: str, method: str = "GET", **headers: str) -> Answer:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            link.request(method, path, headers={k.replace("_", "-"): v for k, v in headers.items()})
            answer = link.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            link.close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def run_nginx(folder: Path, site_config: str, port: int) -> Iterator[Nginx]:
    program = needed("nginx")
    (folder / "nginx").mkdir()
    text = site_config.replace("listen 80;", f"listen 127.0.0.1:{port};")
    (folder / "nginx" / "site.conf").write_text(text, encoding="utf-8")
    paths = "".join(
        f"{kind}_temp_path {folder}/nginx/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx" / "nginx.conf").write_text(
        f"{'user root;' if os.getuid() == 0 else ''}\ndaemon off;\npid {folder}/nginx/pid;\n"
        f"error_log stderr warn;\nworker_processes 1;\nevents {{ }}\n"
        f"http {{ access_log off;\n{paths}include {folder}/nginx/site.conf; }}\n",
        encoding="utf-8",
    )
    arguments = [program, "-p", f"{folder}/nginx", "-c", f"{folder}/nginx/nginx.conf"]
    tested = subprocess.run([*arguments, "-t"], capture_output=True, text=True, check=False)
    assert tested.returncode == 0, tested.stderr
    process = subprocess.Popen(arguments, stderr=subprocess.DEVNULL)
    try:
        until_open(port, process)
        yield Nginx(port)
    finally:
        process.terminate()
        process.wait(20)


def until_open(port: int, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except ConnectionRefusedError:
            continue
        return
    pytest.fail("nginx ended at once")


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = Site(tmp_path / "site").fill()
    site.configure(output={"precompress": True})
    site.build()
    return site


@pytest.fixture
def nginx(tmp_path: Path, site: Site) -> Iterator[Nginx]:
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    yield from run_nginx(tmp_path, text.replace("/srv/feedpub/out", str(site.out)), free_port())


def test_h1_h4_h5_h8_static_files_have_the_headers_of_the_service(site: Site, nginx: Nginx) -> None:
    with serving(site) as service:
        lists = ("/feeds.opml", "/feeds.json", "/feedpub.css", "/feedpub.js")
        for path in ("/rss.xml", "/atom.xml", "/feed.json", "/", *lists):
            theirs, ours = nginx.get(path), service.settled(path)
            assert theirs.body == ours.body
            for name in (
                "Content-Type",
                "Cache-Control",
                "Vary",
                "Access-Control-Allow-Origin",
                "X-Content-Type-Options",
                "Content-Security-Policy",
                "Referrer-Policy",
                "Last-Modified",
                "Content-Length",
            ):
                assert theirs.headers[name] == ours.headers[name], (path, name)
            assert re.fullmatch(r'"[^"]+"', theirs.headers["ETag"]), "a strong one"
            assert service.get(f"{path}.gz").status == 404, "one address a document"


def test_h1_h2_h3_static_files_are_validated_and_compressed(site: Site, nginx: Nginx) -> None:
    plain = nginx.get("/rss.xml")
    packed = nginx.get("/rss.xml", Accept_Encoding="gzip")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body == (site.out / "rss.xml").read_bytes()
    assert packed.headers["ETag"] != plain.headers["ETag"]
    known = nginx.get("/rss.xml", If_None_Match=plain.headers["ETag"])
    assert (known.status, known.body) == (304, b"")
    for name in ("ETag", "Cache-Control", "Vary"):
        assert known.headers[name] == plain.headers[name]
    packed_known = nginx.get(
        "/rss.xml", Accept_Encoding="gzip", If_None_Match=packed.headers["ETag"]
    )
    assert (packed_known.status, packed_known.headers["ETag"]) == (304, packed.headers["ETag"])
    other = nginx.get("/rss.xml", If_None_Match=packed.headers["ETag"])
    assert (other.status, other.body) == (200, plain.body), "each coding has its own"
    changed = nginx.get(
        "/rss.xml", If_None_Match='"other"', If_Modified_Since=plain.headers["Last-Modified"]
    )
    assert changed.status == 200
    dated = nginx.get("/rss.xml", If_Modified_Since=plain.headers["Last-Modified"])
    assert dated.status == 304
    unwanted = nginx.get("/rss.xml", Accept_Encoding="gzip;q=0")
    assert unwanted.headers["Content-Encoding"] is None
    behind = nginx.get("/rss.xml", Accept_Encoding="gzip", Via="1.1 proxy")
    assert behind.headers["Content-Encoding"] == "gzip"
    head = nginx.get("/rss.xml", method="HEAD")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["Content-Length"] == plain.headers["Content-Length"]
    refused = nginx.get("/rss.xml", method="POST")
    assert (refused.status, refused.headers["Allow"]) == (405, "GET, HEAD")


def test_static_folders_are_their_pages(site: Site, nginx: Nginx) -> None:
    page = nginx.get("/topics/web/", Accept_Encoding="gzip")
    assert gzip.decompress(page.body) == (site.out / "topics/web/index.html").read_bytes()
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    bare = nginx.get("/topics/web")
    assert (bare.status, bare.headers["Location"]) == (301, "/topics/web/")
    assert nginx.get("/topics/%E4%BA%BA%E5%B7%A5%E6%99%BA%E8%83%BD/atom.xml").status == 200


def test_a_replaced_file_is_another_one_for_those_who_have_the_old(
    site: Site, nginx: Nginx
) -> None:
    before = {coding: nginx.get("/rss.xml", Accept_Encoding=coding) for coding in ("", "gzip")}
    site.edit(4, title="Another and much longer title")
    site.build()
    for coding, old in before.items():
        new = nginx.get("/rss.xml", Accept_Encoding=coding, If_None_Match=old.headers["ETag"])
        body = gzip.decompress(new.body) if coding else new.body
        assert (new.status, b"Another and much" in body) == (200, True)


def test_static_hosting_shows_nothing_that_is_not_published(site: Site, nginx: Nginx) -> None:
    (site.out / ".feedpub-0123456789abcdef").write_text("half a feed", encoding="utf-8")
    for path in ("/.feedpub-0123456789abcdef", "/rss.xml.gz", "/nothing", "/topics/"):
        answer = nginx.get(path)
        assert answer.status in {403, 404}, path
        assert answer.headers["Cache-Control"] == "no-store"


def in_front(service: Service, folder: Path) -> Iterator[Nginx]:
    text = (DEPLOY / "nginx-proxy.conf").read_text(encoding="utf-8")
    text = text.replace("127.0.0.1:8080", f"127.0.0.1:{service.port}")
    text = text.replace("/var/cache/nginx/feedpub", str(folder / "cache"))
    yield from run_nginx(folder, text, free_port())


def test_nginx_in_front_of_the_service_keeps_what_it_says(tmp_path: Path) -> None:
    with serving(Site(tmp_path / "site").fill()) as service:
        for nginx in in_front(service, tmp_path):
            direct, through = service.settled("/rss.xml"), nginx.get("/rss.xml")
            assert through.body == direct.body
            for name in ("ETag", "Cache-Control", "Content-Type", "Link", "Last-Modified"):
                assert through.headers[name] == direct.headers[name], name
            packed = nginx.get("/rss.xml", Accept_Encoding="gzip")
            assert gzip.decompress(packed.body) == direct.body
            assert nginx.get("/rss.xml", If_None_Match=direct.headers["ETag"]).status == 304
            assert nginx.get("/metrics").status == 404
            assert nginx.get("/nothing").status == 404
            service.stop()
            assert nginx.get("/rss.xml").body == direct.body, "the cache stands in"
            assert nginx.get("/rss.xml?from=elsewhere").body == direct.body


def test_x4_the_first_who_asks_an_old_cache_does_not_get_what_was_taken_down(
    tmp_path: Path,
) -> None:
    site = Site(tmp_path / "site").fill()
    site.configure(server={"shared_max_age": 1})
    with serving(site) as service:
        for nginx in in_front(service, tmp_path):
            assert b"Item 6" in nginx.get("/rss.xml").body
            old = monotonic() + 2  # nginx counts whole seconds
            site.edit(6, removed=True)
            while monotonic() < old or "Item 6" in service.get("/rss.xml").text:
                service.wait_until("/healthz", 200)
            assert b"Item 6" not in nginx.get("/rss.xml").body
