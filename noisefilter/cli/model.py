"""``noisefilter model``: what the model is."""

import json
from typing import Any

import click

from noisefilter.cli.messages import tell
from noisefilter.errors import NoiseFilterError

# Shown first, in this order; other keys follow as they come.
FIRST = ("name", "version", "labels", "languages", "sizes", "sha256", "thresholds", "metrics")


@click.group()
def model() -> None:
    """About the model that decides."""


@model.command()
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def info(as_json: bool) -> None:
    """Name, labels, thresholds and measured quality of the model in use."""
    from noisefilter.model import load_model

    try:
        loaded = load_model()
    except NoiseFilterError as error:
        tell(str(error))
        raise SystemExit(2) from None
    values: dict[str, Any] = dict(loaded.info)
    if as_json:
        text = json.dumps(values, ensure_ascii=False, indent=2) + "\n"
    else:
        from noisefilter.cli.explain import key_value_table

        values.setdefault("name", loaded.name)
        ordered = {key: values[key] for key in FIRST if key in values}
        text = key_value_table(ordered | values)
    click.echo(text.encode("utf-8"), nl=False)
