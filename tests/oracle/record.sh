#!/bin/bash
# record.sh [NAME-REGEX]: records the captures of the tests anew from a real Linux 5.10 (all of them: well over half an hour).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
captures=$here/../conformance/src/test/resources/captures
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
image=$("$here/fetch-kernel.sh" 5.10 image "$work")
headers=$("$here/fetch-kernel.sh" 5.10 headers "$work")
"$here/lockstep/build.sh" "$headers" "$work/ko"

record() { # SCRIPT SET NAME-REGEX
  mkdir -p "$work/$2"
  python3 "$here/$1" "$work/$2" "$image" "$work/ko/lockstep.ko" "$3"
  find "$work/$2" -mindepth 1 -maxdepth 1 -exec "$here/pack.sh" {} "$captures/$2" \;
}

record matrix.py 5.10 "${1:-.}"
record wide.py 5.10-wide "${1:-.}"
