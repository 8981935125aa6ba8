"""Run nginx with the configuration of deploy/, and a certificate for the test."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from socket import create_connection
from ssl import SSLContext, create_default_context
from time import sleep

import trustme

from tests.framework.postgresql_cluster import free_port, require
from tests.serving import ROOT

SITE = ROOT / "deploy" / "nginx" / "lockstep.conf"
MAIN_CONFIGURATION = """
daemon off;
{user}
pid {folder}/pid;
error_log {folder}/error.log;
worker_processes 1;
events {{ worker_connections 2048; }}
http {{
    # As on Debian: the log of sites that do not set their own.
    access_log {folder}/access.log;
    error_log {folder}/error.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


@contextmanager
def nginx(folder: Path, upstream: str) -> Iterator[tuple[str, SSLContext]]:
    """Serve HTTPS in front of `upstream`; yield the URL and an SSLContext that trusts it."""
    program = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
    require("nginx", program)
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost")
    certificate.private_key_and_cert_chain_pem.write_to_path(str(folder / "site.pem"))
    port, plain = free_port(), free_port()
    (folder / "site.conf").write_text(adapt(SITE.read_text(), folder, port, plain))
    (folder / "upstream.conf").write_text(f"server {upstream.removeprefix('http://')};")
    user = "user root;" if os.getuid() == 0 else ""
    (folder / "nginx.conf").write_text(MAIN_CONFIGURATION.format(folder=folder, user=user))
    process = subprocess.Popen(
        [program or "nginx", "-e", folder / "error.log", "-c", folder / "nginx.conf"]
    )
    trust = create_default_context()
    authority.configure_trust(trust)
    try:
        wait_for(port)
        yield f"https://localhost:{port}", trust
    finally:
        process.terminate()
        process.wait(10)


def adapt(site: str, folder: Path, port: int, plain: int) -> str:
    """Replace the names, ports and paths of the deployed file by those of the test."""
    for deployed, local in {
        "listen [::]:80;": "",
        "listen [::]:443 ssl http2;": "",
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{port} ssl http2;",
        "server_name example.com;": "server_name localhost;",
        "/etc/letsencrypt/live/example.com/fullchain.pem": f"{folder}/site.pem",
        "/etc/letsencrypt/live/example.com/privkey.pem": f"{folder}/site.pem",
        "/var/log/nginx/lockstep.log": f"{folder}/site.log",
        "/etc/nginx/lockstep-upstream.conf": f"{folder}/upstream.conf",
        # In the test, Host has a port; in production it is 443 and omitted.
        "Host $host;": "Host $http_host;",
    }.items():
        assert deployed in site, f"The site no longer contains {deployed!r}"
        site = site.replace(deployed, local)
    return site


def wait_for(port: int) -> None:
    for _ in range(100):
        try:
            with closing(create_connection(("127.0.0.1", port))):
                return
        except OSError:
            sleep(0.05)
    raise AssertionError("nginx did not start")
