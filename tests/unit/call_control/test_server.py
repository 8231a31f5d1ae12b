"""uvicorn in our process: where it listens, and what it leaves alone."""

import signal

import pytest

from call_control.server import Server, listening


def test_an_address_in_use_is_named() -> None:
    with listening("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConnectionError, match=rf"cannot listen on 127\.0\.0\.1:{port}: .*in use"):
            listening("127.0.0.1", port)


def test_a_name_that_is_no_host_is_named() -> None:
    with pytest.raises(ConnectionError, match=r"cannot listen on nowhere\.invalid:1: "):
        listening("nowhere.invalid", 1)


def test_the_signals_stay_the_process_s() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with Server(None).capture_signals():
        assert signal.getsignal(signal.SIGTERM) == before
