"""Where ARCS finds what it ships with, and keeps what the user makes."""

import os
import sys
from pathlib import Path

import platformdirs

_APP = "arcs"


def resources() -> Path:
    """Return the folder of shipped files: models and examples.

    It lies beside the packages in a checkout and in the frozen app, and under ``share`` of the
    environment when ARCS was installed from a wheel. ``ARCS_RESOURCES`` overrides both.
    """
    setting = os.environ.get("ARCS_RESOURCES")
    if setting:
        return Path(setting)
    beside = Path(__file__).resolve().parents[2] / "resources"
    if beside.is_dir():
        return beside
    return Path(sys.prefix) / "share" / _APP


def models() -> Path:
    """Return the folder of shipped models, one folder each."""
    return resources() / "models"


def user_data() -> Path:
    """Return the user's folder for runs and recovered projects; ``ARCS_DATA`` overrides it."""
    setting = os.environ.get("ARCS_DATA")
    return Path(setting) if setting else platformdirs.user_data_path(_APP, appauthor=False)


def runs() -> Path:
    """Return the folder in which runs are kept, one folder each."""
    return user_data() / "runs"


def cache() -> Path:
    """Return the user's cache folder; it may be deleted at any time."""
    return platformdirs.user_cache_path(_APP, appauthor=False)
