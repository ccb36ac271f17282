"""What the documents say is what is there."""

import re
import tomllib
from pathlib import Path

import pytest

from warehouse.dictionary import PAGE, dictionary
from warehouse.settings import Settings

ROOT = Path(__file__).parents[2]


def test_the_data_dictionary_is_not_stale():
    assert PAGE.read_text(encoding="utf-8") == dictionary()


def test_every_setting_is_in_the_example_with_its_default():
    stated = dict(re.findall(r"^(FOLIO_\w+)=(.*)$", (ROOT / ".env.example").read_text(), flags=re.MULTILINE))
    fields = Settings.model_fields
    assert set(stated) == {f"FOLIO_{name.upper()}" for name in fields}
    for name, field in fields.items():
        default = ",".join(field.default) if isinstance(field.default, tuple) else field.default
        assert stated[f"FOLIO_{name.upper()}"] == ("" if default is None else str(default)), name
        assert field.description, name


def test_an_empty_setting_in_a_copied_example_is_no_setting(tmp_path):
    settings = Settings(_env_file=ROOT / ".env.example")
    assert settings.clock is None
    assert settings.ledger_database_url is None


def test_pip_users_get_the_versions_that_are_pinned():
    pins = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["uv"]["constraint-dependencies"]
    listed = re.findall(r"^([\w.\-]+)==([^\s;]+)", (ROOT / "requirements.lock").read_text(), flags=re.MULTILINE)
    assert len(listed) > 100
    assert {f"{name}=={version}" for name, version in listed} <= set(pins)


@pytest.mark.parametrize("name", ["pyproject.toml", "requirements.lock"])
def test_no_address_of_an_artefact_is_kept(name):
    assert "://" not in (ROOT / name).read_text()


def test_the_readme_starts_with_the_two_commands():
    first_screen = (ROOT / "README.md").read_text().splitlines()[:40]
    assert "pip install uv && uv run folio demo" in first_screen
    assert "uv run pytest" in first_screen


def test_every_command_is_in_the_readme():
    from pipelines.cli.app import app  # noqa: PLC0415

    readme = (ROOT / "README.md").read_text()
    for command in app.registered_commands:
        name = command.name or command.callback.__name__
        assert f"folio {name}" in readme, name
    for group in app.registered_groups:
        for command in group.typer_instance.registered_commands:
            assert f"folio {group.name} {command.name}" in readme
