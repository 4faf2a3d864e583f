// Package completion gives shells the words that may come next: `analytics completion bash`.
//
// It owns the scripts. They ask the program itself, which knows its verbs, flags and, for some
// flags, their values; so a script never grows old. It never reads data.
package completion
