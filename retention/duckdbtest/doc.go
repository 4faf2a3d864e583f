// Package duckdbtest holds the test that DuckDB reads exports as typed columns with the right sums.
// It is a module of its own because DuckDB needs cgo and 130 MB of libraries, which the product
// must never link: run it with `go test ./...` in this folder.
package duckdbtest
