"""Check that what is installed is the whole package, and that tests would run against it."""

import sys
from pathlib import Path

import openfisca_cej


def files(folder: Path) -> set[Path]:
    """The files of a folder, as paths within it."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder) for path in paths if "__pycache__" not in path.parts}


tree = Path(__file__).resolve().parent.parent / "openfisca_cej"
package = Path(openfisca_cej.__file__).resolve().parent
if Path(sys.prefix).resolve() not in package.parents or "site-packages" not in package.parts:
    sys.exit(f"The tests would run against {package}, not against what was installed")
if forgotten := files(tree) - files(package):
    sys.exit("What was installed lacks:\n" + "\n".join(sorted(map(str, forgotten))))
print(f"Testing {package}")
