"""Options of the whole suite."""


def pytest_addoption(parser):
    parser.addoption(
        "--accept-golden",
        action="store_true",
        help="Write the golden files of tests/golden anew; look at the difference, then commit.",
    )
