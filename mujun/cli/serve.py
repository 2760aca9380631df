"""`serve`: the workbench in the browser of this PC, or for others over the network."""

from __future__ import annotations

from pathlib import Path

import click

from mujun import messages
from mujun.cli.options import reads, words
from mujun.errors import UsageError, problem
from mujun.workbench.network import network_of
from mujun.workbench.serving import address_of_running, open_browser, spoken_at_start
from mujun.workbench.serving import serve as serve_store


@click.command(help=words("help_serve"))
@click.option("--port", type=click.IntRange(1, 65535), help=words("help_serve_port"))
@click.option("--no-browser", is_flag=True, help=words("help_serve_no_browser"))
@click.option("--host", metavar="ADDRESS", help=words("help_serve_host"))
@click.option("--certificate", type=click.Path(path_type=Path), callback=reads, help=words("help_serve_certificate"))
@click.option("--key", type=click.Path(path_type=Path), callback=reads, help=words("help_serve_key"))
@click.pass_context
def serve(
    ctx: click.Context, port: int | None, no_browser: bool, host: str | None, certificate: Path | None, key: Path | None
) -> None:
    """Open the workbench."""
    if host is None and (certificate is not None or key is not None):
        raise UsageError(problem("serve_certificate_without_host"))
    network = network_of(ctx.obj, host, certificate, key) if host is not None else None
    running = address_of_running(ctx.obj)
    if running is not None:
        click.echo(messages.text("workbench_found", address=running))
        if not no_browser:
            open_browser(running)
        return

    def ready(address: str) -> None:
        click.echo(messages.text("workbench_open_at", address=address))
        click.echo(messages.text("workbench_how_to_end"))
        if not no_browser:
            open_browser(address)

    language = spoken_at_start(ctx.find_root().params.get("lang"))
    serve_store(ctx.obj, port=port, language=language, network=network, ready=ready)
    click.echo(messages.text("workbench_ended"))
