#!/bin/sh
# Makes dist/NUMBER.js of script.js, NUMBER being the tracker's version in script.go. Needs node and npm.
set -eu
cd "$(dirname "$0")/.."
number=$(sed -n 's/^const newest = "\(.*\)"$/\1/p' script.go)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp gen/package.json gen/package-lock.json "$work"
(cd "$work" && npm ci --silent --no-audit --no-fund)
"$work/node_modules/.bin/esbuild" script.js --minify --target=es2018 --outfile="dist/$number.js"
sha256sum script.js | cut -d' ' -f1 > dist/source.sha256
