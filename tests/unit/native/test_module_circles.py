"""Which modules of a crate use each other: read from the Rust sources, without compiling them."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

NATIVE = Path(__file__).parents[3] / "native"

ALLOWED = {
    frozenset({"path::parse::filter", "path::parse::function", "path::parse::segment", "path::parse::selector"}),
}
"""Circles that stay. The grammar of RFC 9535 is recursive: a filter holds queries, and a query holds filters."""

Module = tuple[str, ...]
Graph = dict[Module, set[Module]]

NOT_CODE = re.compile(r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\])*\"", re.DOTALL)
INLINE_TESTS = re.compile(r"#\[cfg\(test\)\]\s*mod \w+ \{.*", re.DOTALL)
USE = re.compile(r"(?P<public>pub(?:\([a-z ]+\))? )?\buse\s+(?P<tree>[^;]+);")
PATH = re.compile(r"(?<![\w:])[a-z_][a-z_0-9]*(?:::\w+)+")


def leaves(tree: str) -> Iterator[tuple[str, str]]:
    """Yield each name that a use tree brings into scope, with its path."""
    group = re.fullmatch(r"((?:\w+::)*)\{(.*)\}", re.sub(r"\s+", " ", tree).strip(), re.DOTALL)
    if not group:
        path, _, alias = tree.strip().partition(" as ")
        yield alias or path.rpartition("::")[2], path
        return
    depth, item = 0, ""
    for character in group[2] + ",":
        depth += {"{": 1, "}": -1}.get(character, 0)
        if character == "," and depth == 0:
            for name, path in leaves(item) if item.strip() else ():
                whole = group[1] + path
                yield (group[1].split("::")[-2], whole.removesuffix("::self")) if name == "self" else (name, whole)
            item = ""
        else:
            item += character


class Crate:
    """The sources of one crate. A module is a file; what `lib.rs` and `mod.rs` only re-export belongs to the file that defines it."""

    def __init__(self, source: Path) -> None:
        """Read all files below the crate's `src`."""
        self.code: dict[Module, str] = {}
        self.exports: dict[Module, dict[str, str]] = {}
        for file in sorted(source.rglob("*.rs")):
            parts = file.relative_to(source).with_suffix("").parts
            if parts[0] != "bin":
                module = parts[:-1] if parts[-1] in ("lib", "main", "mod") else parts
                self.code[module] = INLINE_TESTS.sub("", NOT_CODE.sub('""', file.read_text("utf-8")))
        for module, code in self.code.items():
            public = [use["tree"] for use in USE.finditer(code) if use["public"]]
            self.exports[module] = {name: path for tree in public for name, path in leaves(tree)}

    def absolute(self, module: Module, path: str) -> Module | None:
        """Return the path from the crate's root, or None when it leads out of the crate."""
        parts = tuple(path.split("::"))
        if parts[0] == "crate":
            return parts[1:]
        base = module
        if parts[0] not in ("self", "super"):
            return (*module, *parts) if (*module, parts[0]) in self.code else None
        while parts and parts[0] in ("self", "super"):
            base = base[:-1] if parts[0] == "super" else base
            parts = parts[1:]
        return (*base, *parts)

    def owner(self, path: Module, followed: frozenset[tuple[Module, str]] = frozenset()) -> Module:
        """Return the module that defines what a path names, through re-exports."""
        length = next(length for length in range(len(path), -1, -1) if path[:length] in self.code)
        module, rest = path[:length], path[length:]
        export = self.exports[module].get(rest[0]) if rest else None
        if export is None or (module, rest[0]) in followed:
            return module
        target = self.absolute(module, export)
        return module if target is None else self.owner((*target, *rest[1:]), followed | {(module, rest[0])})

    def graph(self) -> Graph:
        """Return, for each module, the other modules that it uses."""
        graph: Graph = {}
        for module, code in self.code.items():
            private = [use["tree"] for use in USE.finditer(code) if not use["public"]]
            paths = {path for tree in private for _, path in leaves(tree)} | set(PATH.findall(USE.sub("", code)))
            absolute = [self.absolute(module, path) for path in paths]
            graph[module] = {self.owner(path) for path in absolute if path is not None} - {module}
        return graph


def reached(graph: Graph, start: Module) -> set[Module]:
    """Return all modules that one uses, directly or through others."""
    seen: set[Module] = set()
    waiting = [start]
    while waiting:
        new = graph[waiting.pop()] - seen
        seen |= new
        waiting += new
    return seen


def circles(crate: str, source: Path) -> set[frozenset[str]]:
    """Return the groups of modules that all use each other."""
    graph = Crate(source).graph()
    reach = {module: reached(graph, module) for module in graph}
    found = {frozenset(other for other in reach[module] if module in reach[other]) for module in graph if module in reach[module]}
    return {frozenset("::".join((crate, *module)) for module in group) for group in found}


@pytest.mark.parametrize("manifest", sorted(NATIVE.glob("*/Cargo.toml")), ids=lambda manifest: manifest.parent.name)
def test_modules_use_each_other_in_one_direction(manifest: Path) -> None:
    """No two modules of a crate use each other, except in the circles that are listed."""
    source = manifest.parent / "src"
    assert circles(manifest.parent.name, source) - ALLOWED == set()


def test_every_listed_circle_exists() -> None:
    """A circle that was broken is removed from the list."""
    crates = {name.split("::")[0] for group in ALLOWED for name in group}
    assert {group for crate in crates for group in circles(crate, NATIVE / crate / "src")} >= ALLOWED


def test_circles_through_re_exports_and_inline_paths_are_found(tmp_path: Path) -> None:
    """Two modules that use each other are found, however they write it; comments, strings and inline tests don't count."""
    files = {
        "lib.rs": "mod one;\nmod two;\nmod three;\npub use one::One;\n",
        "one.rs": "use crate::two::{self, Two as Other};\npub struct One(Other);\n",
        "two/mod.rs": "mod inner;\npub use inner::Two;\n",
        "two/inner.rs": "pub struct Two(Box<crate::One>);\n",
        "three.rs": "//! use crate::one::One;\nuse crate::one::One;\n#[cfg(test)]\nmod tests {\n    use super::*;\n}\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    assert circles("crate", tmp_path) == {frozenset({"crate::one", "crate::two::inner"})}
