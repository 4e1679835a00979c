"""The tests on every Python and with the lowest dependencies allowed, and the types: ``nox``.

``nox -s tests-3.13``, ``nox -s lowest``, ``nox -s typing``; what stands after ``--`` goes to
pytest, as in ``nox -s lowest -- tests/client``.
"""

from __future__ import annotations

import nox

nox.options.error_on_missing_interpreters = False
nox.options.reuse_existing_virtualenvs = True

LOWEST = "3.11"
PYTHONS = [LOWEST, "3.12", "3.13", "3.14"]  # those that are there


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the tests with the newest dependencies."""
    session.install("--editable", ".[test]")
    session.run("python", "-m", "pytest", *session.posargs)


@nox.session(python=LOWEST)
def lowest(session: nox.Session) -> None:
    """Run the tests with the oldest dependencies that pyproject.toml allows."""
    project = nox.project.load_toml("pyproject.toml")["project"]
    extras = project["optional-dependencies"]
    bounds = [*project["dependencies"], *extras["cli"], *extras["prepare"]]
    session.install("--editable", ".[test]", *(bound.replace(">=", "==") for bound in bounds))
    session.run("python", "-m", "pytest", *session.posargs)


@nox.session(python=LOWEST)
def typing(session: nox.Session) -> None:
    """Let mypy and pyright read what a user's type checker sees."""
    session.install("--editable", ".[dev]")
    session.run("mypy", "--strict", "tests/typing_sample.py")
    session.run("pyright", "tests/typing_sample.py")
