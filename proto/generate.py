"""Generate the Python stubs and the descriptor set from the protos, or check that they are current.

Responsible for everything under ``services/chartly/v1``; it deliberately leaves linting and breaking-change checks to buf.

usage: generate.py [--check]
"""

import argparse
import filecmp
import pathlib
import re
import subprocess
import sys
import tempfile

import google.api.annotations_pb2

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROTOS = ROOT / "proto"
TARGET = ROOT / "services" / "chartly" / "v1"
# google/api and google/rpc come with googleapis-common-protos, beside the modules generated from them.
GOOGLE = pathlib.Path(google.api.annotations_pb2.__file__).resolve().parents[2]
DESCRIPTOR = "descriptor.binpb"
INIT = '"""Stubs generated from ``proto/chartly/v1``; never edited by hand."""\n'


def protoc(*arguments: str) -> None:
    """Run the protoc that grpcio-tools carries, and stop on its first complaint."""
    command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{PROTOS}", f"-I{GOOGLE}", *arguments]
    subprocess.run(command, check=True)


def generate(folder: pathlib.Path) -> None:
    """Write all generated files below ``folder`` as ``chartly/v1/…``."""
    sources = sorted(str(path.relative_to(PROTOS)) for path in (PROTOS / "chartly" / "v1").glob("*.proto"))
    protoc(
        f"--python_out={folder}",
        f"--pyi_out={folder}",
        f"--grpc_python_out={folder}",
        f"--mypy_grpc_out={folder}",
        f"--plugin=protoc-gen-mypy_grpc={pathlib.Path(sys.executable).parent / 'protoc-gen-mypy_grpc'}",
        *sources,
    )
    # The edge transcodes from this set. Without error_details in it Envoy answers errors with an empty body.
    protoc(
        "--include_imports",
        f"--descriptor_set_out={folder / 'chartly' / 'v1' / DESCRIPTOR}",
        *sources,
        "google/rpc/error_details.proto",
    )
    made = folder / "chartly" / "v1"
    (made / "__init__.py").write_text(INIT)
    for source in sources:
        if not re.search(r"^service ", (PROTOS / source).read_text(), re.MULTILINE):
            for stub in made.glob(f"{pathlib.Path(source).stem}_pb2_grpc.py*"):
                stub.unlink()


def differences(made: pathlib.Path) -> list[str]:
    """Name every file of the target that is missing, foreign or different."""
    fresh = {path.name for path in made.iterdir()}
    kept = {path.name for path in TARGET.iterdir() if path.is_file()} if TARGET.is_dir() else set()
    found = [f"missing: {name}" for name in sorted(fresh - kept)]
    found += [f"foreign: {name}" for name in sorted(kept - fresh)]
    found += [f"differs: {n}" for n in sorted(fresh & kept) if not filecmp.cmp(made / n, TARGET / n, shallow=False)]
    return found


def main() -> int:
    """Generate, or with ``--check`` compare and answer 1 where something is stale."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--check", action="store_true", help="compare instead of writing")
    check = ask.parse_args().check
    with tempfile.TemporaryDirectory() as folder:
        generate(pathlib.Path(folder))
        made = pathlib.Path(folder) / "chartly" / "v1"
        stale = differences(made)
        if check:
            print("\n".join(stale) or "generated code is current")
            return 1 if stale else 0
        TARGET.mkdir(parents=True, exist_ok=True)
        for name in [line.split(": ", 1)[1] for line in stale if line.startswith("foreign")]:
            (TARGET / name).unlink()
        for path in made.iterdir():
            (TARGET / path.name).write_bytes(path.read_bytes())
        print(f"generated {len(list(made.iterdir()))} files")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
