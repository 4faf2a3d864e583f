//go:build !unix

package store

// private does nothing where files have no modes.
func private() {}
