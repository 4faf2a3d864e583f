package config

import (
	_ "embed"
	"fmt"
	"os"

	"github.com/urfave/cli/v2"
)

// Example is a settings file with every setting, its default and a comment.
//
//go:embed example.yaml
var Example string

// Commands is the verb `config`. current gives the settings as they are in force; they were checked
// before any verb runs, so `config check` has nothing left to do but to say so, and what is in the
// environment without being read.
func Commands(current func() any) []*cli.Command {
	return []*cli.Command{{
		Name: "config", Usage: "check, show or begin the settings",
		Subcommands: []*cli.Command{
			{
				Name: "check", Usage: "say whether the settings are right; every problem at once",
				Description: "Example: analytics config check --config analytics.yaml",
				Action: func(c *cli.Context) error {
					for _, warning := range Unread(os.Environ(), current(), "ANALYTICS_CONFIG", "ANALYTICS_FAILPOINT") {
						fmt.Fprintln(c.App.ErrWriter, "Warning:", warning)
					}
					fmt.Fprintln(c.App.Writer, "The settings are right.")
					return nil
				},
			},
			{
				Name: "show", Usage: "print the settings in force, without secrets",
				Description: "Example: analytics config show",
				Action: func(c *cli.Context) error {
					text, err := Show(current())
					if err == nil {
						fmt.Fprint(c.App.Writer, text)
					}
					return err
				},
			},
			{
				Name: "example", Usage: "print a commented settings file",
				Description: "Example: analytics config example > analytics.yaml",
				Action: func(c *cli.Context) error {
					fmt.Fprint(c.App.Writer, Example)
					return nil
				},
			},
		},
	}}
}
