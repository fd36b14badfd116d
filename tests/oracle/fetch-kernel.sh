#!/bin/bash
# fetch-kernel.sh RELEASE PART DIR: unpacks one part of Debian's kernel package for RELEASE below DIR.
#   RELEASE  5.10 | 6.1 | 6.12
#   PART     source   DIR/source-RELEASE: the kernel's own source, to read
#            image    DIR/image-RELEASE: boot/vmlinuz-*, boot/config-*, lib/modules
#            headers  /usr/src/linux-headers-*: what a module builds against (prints the build directory)
# Uses the Debian archive that apt is set up with, and changes nothing in apt's own configuration.
set -euo pipefail
[ $# -eq 3 ] || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }
release=$1 part=$2
mkdir -p "$3"
dir=$(cd "$3" && pwd)
case $release in
5.10) suite=bullseye ;;
6.1 | 6.12) suite=bookworm ;;
*) echo "fetch-kernel: no suite known for $release" >&2; exit 2 ;;
esac
base=$(cat /etc/apt/sources.list.d/*.sources /etc/apt/sources.list 2>/dev/null |
  grep -oE 'https?://[^ ]*/debian/?( |$)' | head -1 | tr -d ' ') || true
base=${base%/}
[ -n "$base" ] || { echo "fetch-kernel: apt names no Debian archive" >&2; exit 1; }

w=$(mktemp -d)
trap 'rm -rf "$w"' EXIT
chmod 755 "$w"
mkdir -p "$w/lists/partial" "$w/debs"
key=/usr/share/keyrings/debian-archive-keyring.gpg
cat >"$w/sources.list" <<END
deb [signed-by=$key] $base $suite main
deb [signed-by=$key] ${base%/debian}/debian-security $suite-security main
END

apt() {
  local command=$1
  shift
  "apt-$command" -o Dir::Etc::sourcelist="$w/sources.list" -o Dir::Etc::sourceparts=/nonexistent \
    -o Dir::State::Lists="$w/lists" "$@"
}
newest() {
  apt cache search --names-only "^linux-$1-$release.*-amd64\$" | awk '{print $1}' |
    grep -E "^linux-$1-${release/./\\.}(\.[0-9]+)*(-[0-9]+|\+deb[0-9]+)-amd64\$" | sort -V | tail -1
}
get() { (cd "$w/debs" && apt get -qq download "$@"); }

apt get -qq update || true
case $part in
source)
  get "linux-source-$release"
  dpkg -x "$w"/debs/linux-source-*.deb "$w/x"
  mkdir -p "$dir/source-$release"
  tar -C "$dir/source-$release" --strip-components=1 -xf "$w"/x/usr/src/linux-source-*.tar.xz
  echo "$dir/source-$release"
  ;;
image)
  get "$(newest image)"
  mkdir -p "$dir/image-$release"
  dpkg -x "$w"/debs/linux-image-*.deb "$dir/image-$release"
  echo "$dir/image-$release"
  ;;
headers)
  package=$(newest headers)
  kbuild=linux-kbuild-$release
  if [ "$release" = 6.12 ]; then
    kbuild=${package/headers/kbuild}
    kbuild=${kbuild%-amd64}
  fi
  get "$package" "${package%-amd64}-common" "$kbuild"
  for deb in "$w"/debs/*.deb; do dpkg -x "$deb" "$w/x"; done
  cp -a "$w"/x/usr/src/linux-headers-* /usr/src/
  cp -a "$w"/x/usr/lib/linux-kbuild-* /usr/lib/
  echo "/usr/src/$package"
  ;;
*) echo "fetch-kernel: no part $part" >&2; exit 2 ;;
esac
