#!/usr/bin/env python3
"""functions.py OUT RELEASE=SOURCE...: what the kernel's files that iommu4j cites define.

For each file that iommu4j's output can name (a literal of a source does), and for its neighbours, it
lists functions, macros, types and variables, and the releases that have them; SOURCE is what `fetch-kernel.sh RELEASE source DIR` prints. OUT is packed with
gzip, a line a file: its path, then NAME=BITS, where bit 0 stands for the first RELEASE."""
import gzip
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
CITED = re.compile(r'"(?:[\d.]+ )?((?:[\w-]+/)+[\w-]+\.[ch])[:"]')
ALWAYS = ["drivers/iommu/intel/*.c", "drivers/iommu/amd/*.c", "drivers/vfio/*.c", "drivers/vfio/pci/vfio_pci*.c",
          "kernel/dma/*.[ch]"]
COMMENT = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
MACRO = re.compile(r"^[ \t]*#[ \t]*define[ \t]+(\w+)", re.M)
DIRECTIVE = re.compile(r"^[ \t]*#(?:\\\n|[^\n])*", re.M)
CALLED = re.compile(r"(\w+)\s*\(")
TYPE = re.compile(r"\b(?:struct|union|enum)\s+(\w+)")
ATTRIBUTES = {"__attribute__", "__printf", "__section", "__acquires", "__releases", "__must_hold", "__aligned",
              "noinline_for_stack", "__alloc_size", "__free", "__cond_acquires"}


def cited(trees):
    files = set()
    for tree in trees:
        for pattern in ALWAYS:
            files.update(str(path.relative_to(tree)) for path in pathlib.Path(tree).glob(pattern))
    for source in ROOT.glob("*/src/main/java/**/*.java"):
        files.update(CITED.findall(source.read_text(encoding="utf-8")))
    return sorted(files)


def names(text):
    """Yields what a file defines; C is read by its braces at the outermost level."""
    text = COMMENT.sub(" ", text)
    yield from MACRO.findall(text)
    text = DIRECTIVE.sub("", text)
    depth, chunk, enum = 0, "", False
    for part in re.split(r"([{};])", text):
        if part == "{":
            if depth == 0:
                yield from opened(chunk)
                enum = re.match(r"\s*(typedef\s+|static\s+|extern\s+)*enum\b", chunk) is not None
                chunk = ""
            depth += 1
        elif part == "}":
            depth = max(0, depth - 1)
            if depth == 0 and enum:
                yield from re.findall(r"(?:^|,)\s*(\w+)", chunk)
            if depth == 0:
                chunk, enum = "", False
        elif part == ";":
            if depth == 0:
                variable = re.search(r"(\w+)(?:\s*\[[^\]]*\])*\s*(?:=.*)?$", chunk, re.S)
                if variable and "(" not in chunk.split("=")[0]:
                    yield variable.group(1)
                chunk = ""
        elif depth == 0 or enum:
            chunk += part


def opened(chunk):
    head = chunk.split("=")[0]
    if "=" in chunk:
        variable = re.search(r"(\w+)(?:\s*\[[^\]]*\])*\s*(?:__\w+\s*)*$", head)
        return [variable.group(1)] if variable else []
    called = [name for name in CALLED.findall(head) if name not in ATTRIBUTES]
    return called[:2] if called else TYPE.findall(head)


def main(out, *releases):
    trees = [release.split("=", 1)[1] for release in releases]
    lines = ["releases " + " ".join(release.split("=", 1)[0] for release in releases)]
    for file in cited(trees):
        bits = {}
        for number, tree in enumerate(trees):
            path = pathlib.Path(tree, file)
            if path.is_file():
                for name in names(path.read_text(encoding="utf-8", errors="replace")):
                    bits[name] = bits.get(name, 0) | 1 << number
        if bits:
            lines.append(" ".join([file] + [f"{name}={bits[name]}" for name in sorted(bits)]))
    text = ("\n".join(lines) + "\n").encode()
    pathlib.Path(out).write_bytes(gzip.compress(text, 9, mtime=0))


main(*sys.argv[1:])
