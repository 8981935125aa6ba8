"""The proxy of compose.yaml runs nginx with the files of deploy/nginx."""

import re

from tests.framework.compose import ROOT, SERVICES, service


def test_the_proxy_shares_a_network_only_with_the_site() -> None:
    front = {name for name in SERVICES if "front" in service(name)["networks"]}
    assert (service("proxy")["networks"], front) == (["front"], {"proxy", "web"})


def test_only_the_proxy_publishes_a_port() -> None:
    assert [name for name in SERVICES if "ports" in service(name)] == ["proxy"]


def test_the_proxy_forwards_to_the_port_of_the_site() -> None:
    [upstream] = re.findall(r"^server (\S+);$", mounted("upstream"), re.MULTILINE)
    [port] = re.findall(r"^EXPOSE (\d+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert upstream == f"web:{port}"


def test_the_files_that_nginx_includes_are_mounted() -> None:
    """Certificates in live/ are links into the same volume."""
    places = [volume.split(":")[1] for volume in service("proxy")["volumes"]]
    site = mounted("lockstep.conf")
    for path in re.findall(r"^\s*(?:include|ssl_certificate\w*) (\S+);", site, re.MULTILINE):
        assert any(path.startswith(place) for place in places), f"{path} is not mounted"


def mounted(part: str) -> str:
    """Return the text of the file that is mounted into the proxy."""
    [volume] = [volume for volume in service("proxy")["volumes"] if part in volume.split(":")[0]]
    return (ROOT / volume.split(":")[0]).read_text()
