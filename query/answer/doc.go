// Package answer is the typed table that every question is answered with, and the formats it is
// written in: json, csv, ndjson, Arrow IPC and Parquet.
//
// It promises that money is written as exact decimals from whole nano-USD, that a missing value is
// null and not zero, that a format is the same whoever asks, and that no text cell of a csv begins
// with what a spreadsheet takes for a formula. It never computes.
package answer
