// Package sample makes events for tests and benchmarks: Any draws one that stretches every rule of
// its kind, Typical makes one like those of a believable day, and ByModel counts such; Set
// is for scripts that say what happened.
//
// It owns no format and reads no clock. Only tests import it.
package sample
