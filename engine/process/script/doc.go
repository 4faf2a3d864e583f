// Package script is what the scripts of the whole program may say beside what testscript has: that a
// server is ready, what it is asked, and what is kept of an answer. Only tests import it.
//
// Third-party: rogpeppe/go-internal/testscript, which runs the scripts.
package script
