// Package arguments takes what a command line names beside its flags: nothing, one thing, or one that may be
// left out.
//
// It owns the words that refuse what does not fit, and their only code, bad_usage. An argument too many is always
// refused: it may be a flag that was misspelled, and a --dry-run that nobody read would do it.
//
// Third-party: urfave/cli, in cli.go.
package arguments
