"""The server: gunicorn, the law loaded once and shared by the workers."""

import tempfile
from collections.abc import Sequence
from gettext import gettext as _

from flask import Flask
from gunicorn.app.base import BaseApplication
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej.reforms import structural
from openfisca_cej.web import settings
from openfisca_cej.web.app import create_app


def reformed(reforms: Sequence[str]) -> TaxBenefitSystem | None:
    """The law with reforms; None without. Raises ValueError.

    Each is a dotted path, or what ``simulate --reform`` takes: names, files, several by « + ».
    """
    if not reforms:
        return None
    from openfisca_cej.systems import model

    system = model()
    for given in reforms:
        system = structural.read(given)(system)
    return system


def check_folder(folder: str | None) -> None:
    """Workers can make a file there, or in any folder of temporary files. Raises ValueError."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError:
        told = f"« {folder} »" if folder else "none of the folders for temporary files"
        raise ValueError(
            _(
                "{told} cannot be written: give one that can to --worker-tmp-dir (or the "
                "variable OPENFISCA_CEJ_TMP); a few bytes are enough"
            ).format(told=told)
        ) from None


class Server(BaseApplication):
    """The application behind gunicorn; it answers until it is told to stop.

    ``folder`` is where workers show that they are alive. Raises ValueError: a limit, an address or
    the folder is not one.
    """

    def __init__(
        self,
        system: TaxBenefitSystem | None,
        bind: str,
        workers: int,
        address: str | None = None,
        folder: str | None = None,
    ) -> None:
        self.system = system
        self.folder = folder or settings.worker_tmp_dir
        check_folder(self.folder)
        self.bind, self.workers = bind, workers
        self.flask: Flask = create_app(system, address=address)
        super().__init__()

    def load_config(self) -> None:
        """Give gunicorn its settings."""
        self.cfg.set("bind", self.bind)
        self.cfg.set("workers", self.workers)
        for name, value in vars(settings).items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)
        self.cfg.set("worker_tmp_dir", self.folder)

    def load(self) -> Flask:
        """The application."""
        return self.flask
