package process

import (
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
)

func TestFlagsMayStandAnywhere(t *testing.T) {
	app := &cli.App{
		Flags: []cli.Flag{&cli.StringFlag{Name: "data"}, &cli.BoolFlag{Name: "quiet"}},
		Commands: []*cli.Command{
			{Name: "costs", Subcommands: []*cli.Command{{
				Name: "show", Flags: []cli.Flag{&cli.BoolFlag{Name: "json"}, &cli.StringFlag{Name: "since"}},
			}}},
			{Name: "import", Flags: []cli.Flag{&cli.BoolFlag{Name: "json"}}},
		},
	}
	f := func(in, want string) {
		t.Helper()
		got := strings.Join(Arrange(app, strings.Fields("analytics "+in)), " ")
		if strings.TrimSpace(got) != strings.TrimSpace("analytics "+want) {
			t.Errorf("%q becomes %q, want %q", in, got, "analytics "+want)
		}
	}
	f("costs show gpt-4o --json --data d", "--data d costs show --json gpt-4o")
	f("--data d costs show --since 7d x", "--data d costs show --since 7d x")
	f("costs --since 7d show x", "costs show --since 7d x")
	f("costs show x --since=7d --quiet", "--quiet costs show --since=7d x")
	f("import - --json", "import --json -")
	f("costs show --nonsense x", "costs show --nonsense x")
	f("costs show -- --json", "costs show -- --json")
	f("costs show show", "costs show show")
	f("", "")
}
