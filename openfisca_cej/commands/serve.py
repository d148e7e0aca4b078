"""The command ``openfisca-cej serve``: the web API, for one machine or behind a proxy."""

import os
import socket
from gettext import gettext as _

import click

from openfisca_cej.commands.shared import Refused, notice
from openfisca_cej.refusals import no_access


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=5000, show_default=True)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=2,
    show_default=True,
    help="Processes; the law is loaded once and shared.",
)
@click.option(
    "--reforms",
    multiple=True,
    metavar="FILE|NAME|A+B|PACKAGE.CLASS",
    help="Reform to apply to the law: see « openfisca-cej reforms »; may be repeated.",
)
@click.option(
    "--address",
    metavar="URL",
    help="Address of the service as clients know it, such as https://cej.example.org.",
)
@click.option(
    "--worker-tmp-dir",
    metavar="FOLDER",
    help="Folder that can be written, for the files by which workers show that they are alive.",
)
def serve(
    host: str,
    port: int,
    workers: int,
    reforms: tuple[str, ...],
    address: str | None,
    worker_tmp_dir: str | None,
) -> None:
    """Serve the page at /, and the web API: /calculate and OpenFisca's routes, /cej/….

    Nothing that is sent is kept or logged. Limits of a request (bytes, persons…) are set by the
    environment: OPENFISCA_CEJ_BODY, OPENFISCA_CEJ_PERSONS, OPENFISCA_CEJ_ROWS…
    """
    from openfisca_cej.web.address import checked
    from openfisca_cej.web.server import Server, reformed

    here = f"http://{bracketed(host)}:{port}"
    try:
        check_free(host, port)
        given = None if address is None else checked("--address", address)
        bind = f"{bracketed(host)}:{port}"
        server = Server(reformed(reforms), bind, workers, given, worker_tmp_dir)
    except ValueError as error:
        raise Refused(f"{str(error).removesuffix('.')}.") from None
    except OSError as error:
        raise Refused(f"{no_access(here, error)}.") from None
    if os.geteuid() == 0:
        notice(_("Warning: run as root; an ordinary user is enough to serve."))
    notice(_("The page: {here}/  The API: {here}/cej/docs").format(here=here))
    server.run()


def check_free(host: str, port: int) -> None:
    """Raise OSError where nobody may listen on this port, before anything is told."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as found:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((host, port))


def bracketed(host: str) -> str:
    """The host as an address writes it."""
    return f"[{host}]" if ":" in host else host
