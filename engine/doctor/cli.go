package doctor

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/engine/web"
)

// Commands is the verb `doctor`. open opens the store of the data folder in this process, leaving
// out what is damaged; warnings is what a person should know besides, as Door.Warn has it of a server.
func Commands(
	client *web.Client, open func(context.Context) (*store.Store, error), warnings func() []string,
) []*cli.Command {
	return []*cli.Command{{
		Name:  "doctor",
		Usage: "check every checksum and every count of the store",
		Description: "Reads everything that is stored and compares it with what was written. Asks the\n" +
			"running server if there is one. Exit code 0: sound, 5: damaged.\n\n" +
			"Example: analytics doctor --data ./data",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "json", Usage: "print the report as JSON"},
			&cli.BoolFlag{Name: "here", Hidden: true},
			&cli.BoolFlag{Name: "failpoints", Hidden: true},
		},
		Action: func(c *cli.Context) error {
			switch {
			case c.Bool("failpoints"):
				fmt.Fprintln(c.App.Writer, strings.Join(store.Edges(), "\n"))
				return nil
			case c.Bool("here"):
				return here(c, open, warnings)
			case client.Running(c.Context):
				var r Report
				if err := client.JSON(c.Context, "POST", "/v1/doctor", nil, nil, &r); err != nil {
					return err
				}
				return show(c, r)
			}
			if err := store.Missing(client.Folder()); err != nil {
				return err
			}
			return inChild(c, client.Folder())
		},
	}}
}

// here examines the store in this process.
func here(c *cli.Context, open func(context.Context) (*store.Store, error), warnings func() []string) error {
	s, err := open(c.Context)
	if err != nil {
		return err
	}
	defer s.Close()
	r, err := Examine(c.Context, s, time.Now, nil)
	if err != nil {
		return err
	}
	r.Warnings = append(r.Warnings, warnings()...)
	return show(c, r)
}

func show(c *cli.Context, r Report) error {
	if c.Bool("json") {
		if err := web.PrintJSON(c.App.Writer, r); err != nil {
			return err
		}
	} else {
		r.Print(c.App.Writer)
	}
	return r.Fault()
}

// inChild examines in a process of its own: on some damage the storage engine panics in goroutines
// that nobody can recover, or reads beyond a map and gets a signal.
func inChild(c *cli.Context, folder string) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("doctor: %w", err)
	}
	args := []string{"doctor", "--here", "--data", folder}
	if c.IsSet("config") {
		args = append(args, "--config", c.String("config"))
	}
	if c.Bool("json") {
		args = append(args, "--json")
	}
	var errs bytes.Buffer
	child := exec.CommandContext(c.Context, self, args...)
	child.Stdout, child.Stderr = c.App.Writer, &errs
	err = child.Run()
	if crash := crashOf(errs.String()); crash != "" {
		return fault.New(fault.Damaged, "store_damaged",
			"the store is so damaged that it cannot be opened (%s); restore a backup", crash)
	}
	if _, copyErr := io.Copy(c.App.ErrWriter, &errs); copyErr != nil {
		return copyErr
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() > 0 {
		return cli.Exit("", exit.ExitCode()) // it has said why
	}
	return err
}

// crashOf is the line in which a Go program says why it crashed, "" if it did not.
func crashOf(text string) string {
	if !strings.Contains(text, "goroutine ") {
		return ""
	}
	for line := range strings.Lines(text) {
		for _, mark := range []string{"panic: ", "fatal error: ", "unexpected fault address", "SIGBUS"} {
			if strings.Contains(line, mark) {
				return strings.TrimSpace(line)
			}
		}
	}
	return "it crashed"
}
