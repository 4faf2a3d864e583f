package arguments

import (
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"analytics/engine/fault"
)

// run runs a verb on a command line, and gives what it took.
func run(t *testing.T, take func(*cli.Context) (string, error), line ...string) (got string, err error) {
	t.Helper()
	app := &cli.App{Name: "analytics", Commands: []*cli.Command{{
		Name: "keys", Subcommands: []*cli.Command{{
			Name: "end", Flags: []cli.Flag{&cli.BoolFlag{Name: "dry-run"}},
			Action: func(x *cli.Context) (err error) {
				got, err = take(x)
				return err
			},
		}},
	}}}
	return got, app.Run(append([]string{"analytics", "keys", "end"}, line...))
}

func TestArgumentsAreTakenOrRefused(t *testing.T) {
	none := func(x *cli.Context) (string, error) { return "", None(x) }
	one := func(x *cli.Context) (string, error) { return One(x, "ID", "analytics keys list") }
	alone := func(x *cli.Context) (string, error) { return One(x, "DOMAIN", "") }
	f := func(take func(*cli.Context) (string, error), line, want, refused string) {
		t.Helper()
		got, err := run(t, take, strings.Fields(line)...)
		if got != want || (err == nil) != (refused == "") {
			t.Errorf("%q: %q, %v; want %q", line, got, err, want)
		}
		if err != nil && (fault.Of(err).Code != Code || !strings.Contains(err.Error(), refused)) {
			t.Errorf("%q: %v; want %s", line, err, refused)
		}
	}
	f(none, "", "", "")
	f(none, "--dry-run", "", "")
	f(none, "dry-run", "", "unexpected argument \"dry-run\"; `analytics keys end --help` shows")
	f(one, "a", "a", "")
	f(one, "--dry-run a", "a", "")
	f(one, "", "", "analytics keys end needs one ID; `analytics keys list` shows them")
	f(one, "a b", "", `unexpected argument "b"`)
	f(alone, "", "", "analytics keys end needs one DOMAIN; see `analytics keys end --help`")
	f(Optional, "", "", "")
	f(Optional, "a", "a", "")
	f(Optional, "a --dry-run", "", `unexpected argument "--dry-run"`)
}
