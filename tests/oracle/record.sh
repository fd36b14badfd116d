#!/bin/bash
# record.sh [NAME-REGEX]: records the captures of the tests anew from a real Linux 5.10 (all of them: about five minutes).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
image=$("$here/fetch-kernel.sh" 5.10 image "$work")
headers=$("$here/fetch-kernel.sh" 5.10 headers "$work")
"$here/lockstep/build.sh" "$headers" "$work/ko"
python3 "$here/matrix.py" "$work/captures" "$image" "$work/ko/lockstep.ko" "${1:-.}"
"$here/pack.sh" "$work"/captures/* "$here/../src/test/resources/captures/5.10"
