"""Writes the sample logs of Contoso Works: `python sample_logs/generate.py --seed 7 --out DIR`.

Without `--out` the files beside this script are written anew. The same seed gives the same files.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SEED = 7  # of the files in the repository


def main() -> None:
    """Read the command line and write the sample."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seed", type=int, default=SEED, help="default: %(default)s")
    parser.add_argument("--out", type=Path, default=HERE, help="default: beside this script")
    options = parser.parse_args()

    # Run as a script, Python looks for modules beside it, not above it where the package starts.
    sys.path.insert(0, str(HERE.parent))
    from sample_logs.generator.files import write
    from sample_logs.generator.month import sample

    logs = options.out / "logs"
    if logs.exists() and options.out.resolve() != HERE:
        parser.error(f"{logs} exists; name a folder without one")
    files = sample(options.seed)
    shutil.rmtree(logs, ignore_errors=True)
    write(options.out, files)
    size = sum(len(content) for content in files.values())
    print(f"{len(files)} files, {size / 1e6:.2f} MB in {options.out}")


if __name__ == "__main__":
    main()
