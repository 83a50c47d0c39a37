"""Copy the protos that ours import from the wheel googleapis-common-protos to where buf finds them.

usage: googleapis.py FOLDER
"""

import pathlib
import shutil
import sys

import google.api.annotations_pb2

SOURCE = pathlib.Path(google.api.annotations_pb2.__file__).resolve().parents[1]


def main() -> None:
    """Copy google/api and google/rpc, protos only."""
    target = pathlib.Path(sys.argv[1])
    shutil.rmtree(target, ignore_errors=True)
    for folder in ("api", "rpc"):
        for path in (SOURCE / folder).rglob("*.proto"):
            copy = target / "google" / path.relative_to(SOURCE)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)


if __name__ == "__main__":
    main()
