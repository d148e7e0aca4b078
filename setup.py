"""Packaging of openfisca_cej: everything pip needs to know."""

import gzip
import os
import re
import tarfile
from pathlib import Path

from setuptools import find_namespace_packages, setup
from setuptools.command.sdist import sdist

REPOSITORY = "https://github.com/openfisca/openfisca-cej"

# Populations in Parquet files and Arrow tables.
PARQUET = ["pyarrow >=17, <27"]

# Populations in workbooks: xlsx, ods.
SHEETS = ["python-calamine >=0.3, <1"]

# Reports: the live workbook.
REPORT = ["XlsxWriter >=3.2, <4"]

# Charts of a comparison in a notebook.
CHARTS = ["matplotlib >=3.9, <4"]

# Populations shared among processes or machines.
CLUSTER = ["dask >=2025.1", "distributed >=2025.1"]

# The calibration of the assumptions: sampling, non-negative least squares.
CALIBRATE = ["scipy >=1.11, <2"]

# The comparison with OpenFisca-France (which wants OpenFisca-Core 44).
# One version: the differences in docs/ are listed against it, and « make ecarts » lists them again.
# pip must be told which: it gives up before it finds the one version that suits both.
FRANCE = ["openfisca-core[web-api] ==44.7.*", "openfisca-france ==176.1.8"]

# What the tests compare inequality with, beside OpenFisca-France: it wants OpenFisca-Core 44 too.
SURVEY_MANAGER = ["openfisca-survey-manager >=6.6, <7"]

# Swagger UI as local files, for the documentation page of the web API.
DOCS_UI = ["flask-openapi3-swagger >=5.17, <6"]

# What the test suite needs beside the package itself, in the tree or against the built wheel.
TEST = [
    *PARQUET,
    *CLUSTER,
    *REPORT,
    *CHARTS,
    *SHEETS,
    *CALIBRATE,
    *DOCS_UI,
    "babel >=2.14, <3",
    "duckdb >=1.1, <2",
    "hypothesis >=6.100, <7",
    "jsonschema >=4.21, <5",
    "microdf-python >=1.5, <2",
    "openapi-spec-validator >=0.7, <1",
    "openpyxl >=3.1, <4",
    "pandas >=2.2, <4",
    "polars >=1.20, <3",
    "pytest >=8.3, <10",
    "pytest-xdist >=3.6, <4",
    "schemathesis >=4.10, <5",
]

# The site of the documentation, and what its notebooks read populations and show tables with.
DOCS = [
    *PARQUET,
    *CHARTS,
    "furo >=2025.7",
    "ipykernel >=6.29",
    "jupytext >=1.16, <2",
    "myst-nb >=1.3, <2",
    "pandas >=2.2, <4",
    "sphinx >=8.1, <10",
]


class SourceArchive(sdist):
    """The archive of the sources: with a SOURCE_DATE_EPOCH, its bytes depend on them only.

    Setuptools writes who made it, when, and with which rights. The wheel, which is built from
    this archive, has the rights of its files.
    """

    def make_archive(self, base_name, format, root_dir=None, base_dir=None, **owners):
        """Write a .tar.gz (another format, or without an epoch: as setuptools does)."""
        epoch = os.environ.get("SOURCE_DATE_EPOCH")
        if format != "gztar" or epoch is None:
            return super().make_archive(base_name, format, root_dir, base_dir, **owners)

        def anonymous(file):
            file.uid = file.gid = 0
            file.uname = file.gname = ""
            file.mtime = int(epoch)
            file.mode = 0o755 if file.isdir() or file.mode & 0o100 else 0o644
            return file

        folder = Path(base_dir)
        with (
            gzip.GzipFile(f"{base_name}.tar.gz", "wb", mtime=int(epoch)) as packed,
            tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
        ):
            for path in [folder, *sorted(folder.rglob("*"))]:
                archive.add(path, recursive=False, filter=anonymous)
        return packed.name


setup(
    name="openfisca-cej",
    cmdclass={"sdist": SourceArchive},
    version="2.0.0",
    description=(
        "OpenFisca tax and benefit system of the French Contrat d'engagement jeune (CEJ): "
        "every rule, every date, every euro explained"
    ),
    # Links within the repository lead to it from wherever the description is read.
    long_description=re.sub(
        r"\]\((?!https?:)([^)]+)\)",
        rf"]({REPOSITORY}/blob/main/\1)",
        Path(__file__).with_name("README.md").read_text(encoding="utf-8"),
    ),
    long_description_content_type="text/markdown",
    author="openfisca_cej contributors",
    license="AGPL-3.0-or-later",
    license_files=["LICENSE"],
    # OpenFisca-Core reads the key « Repository » to link variables to their source: without
    # it the tax and benefit system does not load.
    project_urls={
        "Repository": REPOSITORY,
        "Changelog": f"{REPOSITORY}/blob/main/CHANGELOG.md",
        "Documentation": f"{REPOSITORY}/tree/main/docs",
        "Issues": f"{REPOSITORY}/issues",
    },
    keywords="openfisca rules-as-code microsimulation france benefit contrat-engagement-jeune cej",
    classifiers=[
        "Development Status :: 5 - Production/Stable",
        "Intended Audience :: Developers",
        "Intended Audience :: Education",
        "Intended Audience :: Science/Research",
        "Natural Language :: English",
        "Natural Language :: French",
        "Operating System :: POSIX",
        "Programming Language :: Python :: 3",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Topic :: Scientific/Engineering :: Information Analysis",
    ],
    python_requires=">=3.11, <3.14",
    install_requires=[
        # One range for three uses: alone (core 46), beside openfisca-france and beside
        # openfisca-survey-manager (core 44). 44.3 to 44.5 were withdrawn.
        "openfisca-core[web-api] >=44.6, <47",
        "numpy >=1.26, <3",
        "PyYAML >=6.0.2, <7",
        "click >=8.1, <9",
        "Jinja2 >=3.1, <4",
        "rich >=13.7, <16",
    ],
    extras_require={
        "calibrate": CALIBRATE,
        "charts": CHARTS,
        "cluster": CLUSTER,
        "docs-ui": DOCS_UI,
        "docs": DOCS,
        "france": FRANCE,
        "parquet": PARQUET,
        "report": REPORT,
        "sheets": SHEETS,
        "survey-manager": SURVEY_MANAGER,
        "test": TEST,
        "dev": [
            *TEST,
            "build >=1.2, <2",
            "coverage[toml] >=7.6, <8",
            "mypy >=1.18, <3",
            "nox[uv] >=2025.2",
            "ruff >=0.12, <0.18",
            "twine >=6, <8",
            "types-PyYAML >=6.0.12",
            "yamllint >=1.35, <2",
        ],
    },
    # The folders of variables are not regular packages: core loads their files one by one.
    packages=find_namespace_packages(
        include=["openfisca_cej", "openfisca_cej.*"],
        exclude=["*.__pycache__", "*.data", "openfisca_cej.parameters*"],
    ),
    package_data={
        "openfisca_cej": [
            *("**/*.yaml", "**/*.json", "**/*.csv", "**/*.md", "**/*.txt", "py.typed"),
            *("**/*.html", "**/*.css", "**/*.js", "**/*.svg", "**/*.mo", "**/*.po"),
        ],
    },
    include_package_data=False,
    zip_safe=False,
    entry_points={"console_scripts": ["openfisca-cej = openfisca_cej.cli:main"]},
)
