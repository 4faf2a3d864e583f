package process

import (
	"bytes"
	"context"
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
	f("costs shwo --since 7d --quiet", "--quiet costs shwo")
	f("", "")
	f("costs show x --json --data", "--data")
	f("costs show x --since", "costs show --since x")
	f("costs show x --s --generate-bash-completion", "costs show x --s --generate-bash-completion")
	f("costs show -- --generate-bash-completion", "costs show - --generate-bash-completion")
}

func TestMisuseIsToldInOneLine(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		var out, says bytes.Buffer
		app := Explain(&cli.App{
			Name: "analytics", Writer: &out, ErrWriter: &says, Suggest: true,
			ExitErrHandler: func(*cli.Context, error) {}, Flags: []cli.Flag{&cli.StringFlag{Name: "where"}},
			Commands: []*cli.Command{{Name: "costs", Subcommands: []*cli.Command{{
				Name: "show", Description: "Example: analytics costs show", Action: cli.ShowAppHelp,
				Flags: []cli.Flag{&cli.StringFlag{Name: "by"}, &cli.IntFlag{Name: "limit"}},
			}, {Name: "list", Flags: []cli.Flag{&cli.StringFlag{Name: "order"}, &cli.StringFlag{Name: "byte"}}},
				{Name: "trends", Flags: []cli.Flag{&cli.StringFlag{Name: "order"}}}}}},
		})
		err := app.RunContext(context.Background(), Arrange(app, strings.Fields("analytics "+in)))
		if code := Exit(&says, err); code != 2 || out.Len() > 0 || says.String() != want+"\n" {
			t.Errorf("%s: code %d, %q on standard output, %q beside; want 2 and %q",
				in, code, &out, &says, want)
		}
	}
	const lists = " (`analytics costs show --help` lists the flags)"
	f("costs show --bye x", "analytics: there is no flag --bye; did you mean --by?"+lists)
	f("costs show --zone x", "analytics: there is no flag --zone"+lists)
	f("costs show --order x", "analytics: there is no flag --order; list and trends have it"+lists)
	f("costs show --byte x", "analytics: there is no flag --byte; list has it"+lists)
	f("costs show --limit", "analytics: the flag --limit needs a value"+lists)
	f("costs show --limit x",
		`analytics: invalid value "x" for flag -limit: parse error`+lists)
	f("--zone", "analytics: there is no flag --zone (`analytics --help` lists the flags)")
	f("costs show --where", "analytics: the flag --where needs a value (`analytics --help` lists the flags)")
	const noCommand = "analytics: there is no command 'shwo'. Did you mean \"show\"? (`analytics --help` lists all)"
	f("costs shwo", noCommand)
	f("costs shwo --by x", noCommand)
	f("costs nope", "analytics: there is no command 'nope' (`analytics --help` lists all)")
	f("nope", "analytics: there is no command 'nope' (`analytics --help` lists all)")
}

func TestCommandsOfCommandsShowAnExample(t *testing.T) {
	inner := &cli.Command{Name: "show", Description: "Shows.\n\nExample: analytics costs show"}
	outer := &cli.Command{Name: "costs", Subcommands: []*cli.Command{{Name: "x"}, inner}}
	app := Explain(&cli.App{Name: "analytics", Commands: []*cli.Command{outer}})
	const want = "Example: analytics costs show"
	if outer.Description != want || app.Description != want {
		t.Errorf("the help says %q and %q, want %q", outer.Description, app.Description, want)
	}
}
