#!/usr/bin/env bash
# Builds the named test tools, or all of them: bash test/tools/build.sh [NAME…]
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
exec node --import "file://$root/node_modules/tsx/dist/loader.mjs" "$root/test/support/build-tools.ts" "$@"
