"""`serve`: the workbench in the browser of this PC."""

from __future__ import annotations

import click

from mujun import messages
from mujun.cli.options import words
from mujun.workbench.serving import address_of_running, open_browser, spoken_at_start
from mujun.workbench.serving import serve as serve_store


@click.command(help=words("help_serve"))
@click.option("--port", type=click.IntRange(1, 65535), help=words("help_serve_port"))
@click.option("--no-browser", is_flag=True, help=words("help_serve_no_browser"))
@click.pass_context
def serve(ctx: click.Context, port: int | None, no_browser: bool) -> None:
    """Open the workbench."""
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

    serve_store(ctx.obj, port=port, language=spoken_at_start(ctx.find_root().params.get("lang")), ready=ready)
    click.echo(messages.text("workbench_ended"))
