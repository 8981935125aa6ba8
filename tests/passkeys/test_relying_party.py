"""The warnings of `flask doctor` about BASE_URL and passkeys."""

from collections.abc import Callable

import pytest

from app.application import Application


@pytest.fixture
def doctor_output(make_app: Callable[..., Application]) -> Callable[[str], str]:
    """Return the output of `flask doctor` for a BASE_URL."""

    def examine(url: str) -> str:
        app = make_app(BASE_URL=url)
        return app.test_cli_runner().invoke(args=["doctor"]).output

    return examine


@pytest.mark.parametrize("url", ["https://192.0.2.1", "http://127.0.0.1:5000", "https://[::1]"])
def test_the_doctor_warns_if_base_url_is_an_ip_address(
    doctor_output: Callable[[str], str], url: str
) -> None:
    assert "warning  BASE_URL is the IP address" in doctor_output(url)


def test_a_non_ascii_host_name_is_a_warning(doctor_output: Callable[[str], str]) -> None:
    assert "until it is written in ASCII" in doctor_output("https://bücher.example")


@pytest.mark.parametrize("url", ["https://example.com", "http://localhost:5000"])
def test_a_host_name_has_no_warning(doctor_output: Callable[[str], str], url: str) -> None:
    assert "passkeys" not in doctor_output(url)
