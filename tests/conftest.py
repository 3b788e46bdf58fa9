"""Options of the whole suite, and how long its property tests search.

Fuzzers state no number of examples, so that the profile decides: 500 in every run of the suite,
20,000 with ``pytest --hypothesis-profile attack --timeout 0``.
"""

import signal

from hypothesis import HealthCheck, settings

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A job in a shell's background ignores Ctrl-C, and so would every program that a test starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)

# How fast an example runs says more about the machine's load than about the code.
_PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("suite", _PATIENT, max_examples=500)
settings.register_profile("attack", _PATIENT, max_examples=20_000)
settings.load_profile("suite")


def pytest_addoption(parser):
    parser.addoption(
        "--accept-golden",
        action="store_true",
        help="Write the golden files of tests/golden anew; look at the difference, then commit.",
    )
