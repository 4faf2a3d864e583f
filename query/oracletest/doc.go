// Package oracletest asks the real server random questions and DuckDB, of the exported Parquet files,
// the same: every answer must be equal, counts and sums exactly, quantiles and distinct counts within
// the errors that the answer states. It is a module of its own because DuckDB needs cgo and 130 MB of
// libraries, which the product must never link: run it with `go test ./...` in this folder.
//
// Nothing of the product is imported: the server is the built binary, the events are lines of JSON,
// and what a metric means is written here once more, in SQL.
//
// Every question is also asked for as Parquet, which DuckDB must read as what its JSON says.
//
//	go test . -questions 2000 -seed 7 -v
package oracletest
