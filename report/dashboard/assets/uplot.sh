#!/bin/sh
# Fetches uPlot (MIT, https://github.com/leeoniya/uPlot) from npm as it is published, minified, with
# its licence. Run by `go generate ./report/dashboard`; the files are committed, so building needs none
# of this.
set -eu
version=1.6.32
cd "$(dirname "$0")"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
npm pack --silent --pack-destination "$dir" "uplot@$version" >/dev/null
tar -xzf "$dir/uplot-$version.tgz" -C "$dir"
cp "$dir/package/dist/uPlot.iife.min.js" uplot.js
cp "$dir/package/dist/uPlot.min.css" uplot.css
cp "$dir/package/LICENSE" uplot.LICENSE
