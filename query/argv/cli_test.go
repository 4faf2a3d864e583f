package argv

import (
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
)

func TestReorder(t *testing.T) {
	app := &cli.App{
		Flags: []cli.Flag{&cli.StringFlag{Name: "data"}, &cli.BoolFlag{Name: "quiet"}},
		Commands: []*cli.Command{{
			Name: "costs", Subcommands: []*cli.Command{{
				Name: "show", Flags: []cli.Flag{
					&cli.StringFlag{Name: "since", Aliases: []string{"s"}}, &cli.BoolFlag{Name: "json"},
				},
			}},
		}},
	}
	f := func(in, want string) {
		t.Helper()
		got := strings.Join(Reorder(app, strings.Fields(in)), " ")
		if got != want {
			t.Errorf("%s\nbecame %s\nwant   %s", in, got, want)
		}
	}
	f("x", "x")
	f("x costs show gpt --json", "x costs show --json gpt")
	f("x costs show gpt -s 7d more --json", "x costs show -s 7d --json gpt more")
	f("x costs show --since=7d gpt", "x costs show --since=7d gpt")
	f("x costs show gpt --data /d", "x --data /d costs show gpt")
	f("x --data /d costs show", "x --data /d costs show")
	f("x costs --quiet show gpt", "x --quiet costs show gpt")
	f("x costs show -- --json", "x costs show -- --json")
	f("x costs show gpt --what 7", "x costs show --what gpt 7")
	f("x costs show show", "x costs show show")
	f("x --version", "x --version")
	f("x costs show - --json", "x costs show --json -")
}
