"""Which hosts and addresses results may come from."""

import pytest

from providers.addresses import ForbiddenError, Hosts, allowed, is_public


@pytest.mark.parametrize(
    "url",
    [
        "http://fal.media/x",
        "https://user:pw@fal.media/x",
        "https://fal.media@evil.test/x",
        "https://fal.media.evil.test/x",
        "https://evilfal.media/x",
        "https://fal.media\\@169.254.169.254/x",
        "https://fal.media%00.evil.test/x",
        "https://fal.media:22/x",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://2130706433/x",
        "ftp://fal.media/x",
        "data:image/png;base64,AA==",
        "http://[",
        "https://fal.media:99999/x",
        "",
    ],
)
def test_results_come_from_the_providers_hosts_only(url) -> None:
    with pytest.raises(ForbiddenError):
        allowed(url, Hosts(("fal.media",)))


@pytest.mark.parametrize(
    "url", ["https://fal.media/x", "https://v3.FAL.media./x", "https://a.b.fal.media:443/x"]
)
def test_hosts_below_a_providers_name_are_its_own(url) -> None:
    assert allowed(url, Hosts(("fal.media",))).endswith("fal.media")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "168.63.129.16",
        "192.88.99.1",
        "192.0.0.8",
        "::1",
        "::",
        "::ffff:10.0.0.1",
        "::169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "2002:a9fe:a9fe::",
        "2001::1",
        "fe80::1%eth0",
        "fc00::1",
        "fec0::1",
        "3fff::1",
        "ff02::1",
        "127.1",
        "name.example",
    ],
)
def test_an_address_that_is_not_of_the_open_internet_is_not_public(address) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:1.1.1.1"])
def test_addresses_of_the_open_internet_are_public(address) -> None:
    assert is_public(address)
