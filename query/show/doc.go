// Package show puts answers on a terminal: tables that fit it, numbers in the units people read
// ($1.24, 1.2 M, 340 ms), sparklines for what changes over time, and plain aligned text where the
// output is a pipe.
//
// It promises that text from events cannot speak to the terminal: control characters never get
// through. It never asks anything and never changes a number; who needs exact ones asks for --json.
//
// lipgloss lays out and colours tables, nothing more.
package show
