#!/usr/bin/env bash
# Puts the Varnish of the tests (Debian trixie: varnish 7.7, varnish-modules, hitch) into a folder that
# test/support/varnish.ts enters with chroot; Debian bookworm's 7.1 has no backend queue and no transit_buffer.
# Needs root and debootstrap. A folder that is there already is left as it is.
set -euo pipefail

tools=${DOCKER_CACHE_TOOLS:-$HOME/.cache/docker-cache-tools}
target=$tools/varnish-trixie
packages=varnish,varnish-modules,hitch

if [ -e "$target/.complete" ]; then
  echo "$target"
  exit 0
fi

mkdir -p "$tools"
building=$(mktemp -d "$tools/varnish-trixie.building.XXXXXX")
trap 'rm -rf --one-file-system "$building"' EXIT

debootstrap --variant=minbase --include="$packages" trixie "$building" "${DEBIAN_MIRROR:-http://deb.debian.org/debian}" >&2
echo '127.0.0.1 localhost' >"$building/etc/hosts"
chmod 755 "$building"
rm -rf "$building/var/cache/apt/archives" "$building/var/lib/apt/lists"
dpkg-query --root="$building" --show varnish varnish-modules hitch >"$building/.complete"

# Another run may have finished first: the folder is then as good as this one.
mv -T "$building" "$target" 2>/dev/null || [ -e "$target/.complete" ]
cat "$target/.complete" >&2
echo "$target"
