#!/bin/sh
# pack.sh CAPTURE... DIRECTORY: packs each capture into DIRECTORY/NAME.tar.gz, the same bytes each time.
set -eu
[ $# -ge 2 ] || { echo "usage: pack.sh CAPTURE... DIRECTORY" >&2; exit 2; }
for last; do :; done
mkdir -p "$last"
while [ $# -gt 1 ]; do
  name=$(basename "$1")
  # Kernels that traced nothing still leave the header of an empty trace.
  trace=
  grep -qv '^#' "$1/trace" 2>/dev/null || trace=--exclude=./trace
  tar -C "$1" --format=ustar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX \
    $trace -cf - . | gzip -9n >"$last/$name.tar.gz"
  shift
done
