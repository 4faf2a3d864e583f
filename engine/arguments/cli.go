package arguments

import (
	"cmp"

	"github.com/urfave/cli/v2"

	"analytics/engine/fault"
)

// Code is the code of every refusal.
const Code = "bad_usage"

// None refuses arguments.
func None(x *cli.Context) error {
	if !x.Args().Present() {
		return nil
	}
	return unexpected(x, 0)
}

// One is the only argument. what says what it is, as the usage does: ID; where, unless it is empty, what lists
// them: `analytics keys list`.
func One(x *cli.Context, what, where string) (string, error) {
	one, err := Optional(x)
	if err == nil && one == "" {
		hint := "`" + where + "` shows them"
		if where == "" {
			hint = "see `" + x.Command.HelpName + " --help`"
		}
		err = fault.New(fault.Invalid, Code, "%s needs one %s; %s", x.Command.HelpName, what, hint)
	}
	return one, err
}

// Optional is the only argument, or empty if there is none.
func Optional(x *cli.Context) (string, error) {
	if x.NArg() > 1 {
		return "", unexpected(x, 1)
	}
	return x.Args().First(), nil
}

func unexpected(x *cli.Context, at int) error {
	return fault.New(fault.Invalid, Code, "unexpected argument %q; `%s --help` shows what it takes",
		x.Args().Get(at), cmp.Or(x.Command.HelpName, x.App.Name))
}
