//go:build unix

package store

import "syscall"

// private keeps what this process makes from other users. Badger asks for files that all may read, and
// the mode of the folder above them does not go along when somebody copies it.
func private() { syscall.Umask(0o077) }
