// Package argv lets flags stand anywhere on a command line: before the command, after it, and after
// its arguments. The library parses flags only up to the first argument, and those of the program
// only before the command.
//
// It owns the order of arguments, and nothing else. Reorder changes no argument and drops none.
package argv

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// Reorder moves flags to where the library looks for them: those of the program to the front, those
// of the command right behind it. What stands behind -- is no flag.
func Reorder(app *cli.App, args []string) []string {
	if len(args) < 2 {
		return args
	}
	r := reorder{global: app.Flags, commands: app.Commands}
	r.walk(args[1:])
	out := append([]string{args[0]}, r.front...)
	out = append(out, r.path...)
	out = append(out, r.flags...)
	return append(out, r.rest...)
}

// reorder is a command line taken apart.
type reorder struct {
	global   []cli.Flag
	own      []cli.Flag // of the commands named so far
	commands []*cli.Command
	leaf     bool // the last command has no commands below it, or an argument was met

	front, path, flags, rest []string
}

func (r *reorder) walk(args []string) {
	for i := 0; i < len(args); i++ {
		arg := args[i]
		switch {
		case arg == "--":
			r.rest = append(r.rest, args[i:]...)
			return
		case len(arg) > 1 && arg[0] == '-':
			n := r.flag(args[i:])
			i += n - 1
		case !r.leaf && r.command(arg):
		default:
			r.leaf = true
			r.rest = append(r.rest, arg)
		}
	}
}

// command goes down to the command of that name, if there is one.
func (r *reorder) command(name string) bool {
	for _, c := range r.commands {
		if c.HasName(name) {
			r.path = append(r.path, name)
			r.own = append(r.own, c.Flags...)
			r.commands, r.leaf = c.Subcommands, len(c.Subcommands) == 0
			return true
		}
	}
	return false
}

// flag takes a flag, and the argument behind it if that is its value; it says how many it took. One
// that nobody knows stays with the command, which will say so.
func (r *reorder) flag(args []string) int {
	name, _, inline := strings.Cut(strings.TrimLeft(args[0], "-"), "=")
	own, global := find(r.own, name), find(r.global, name)
	n := 1
	if f := first(own, global); f != nil && !inline && len(args) > 1 && takesValue(f) {
		n = 2
	}
	switch {
	case own == nil && global != nil:
		r.front = append(r.front, args[:n]...)
	case own == nil && len(r.path) == 0: // before any command
		r.front = append(r.front, args[:n]...)
	default:
		r.flags = append(r.flags, args[:n]...)
	}
	return n
}

func first(flags ...cli.Flag) cli.Flag {
	for _, f := range flags {
		if f != nil {
			return f
		}
	}
	return nil
}

func find(flags []cli.Flag, name string) cli.Flag {
	for _, f := range flags {
		if slices.Contains(f.Names(), name) {
			return f
		}
	}
	return nil
}

// takesValue reports whether the flag is followed by a value.
func takesValue(f cli.Flag) bool {
	d, ok := f.(cli.DocGenerationFlag)
	return ok && d.TakesValue()
}
