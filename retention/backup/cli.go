package backup

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"analytics/engine/arguments"
	"analytics/engine/fault"
	"analytics/engine/plural"
	"analytics/engine/store"
	"analytics/engine/web"
	"analytics/retention/depot"
	"analytics/retention/erasures"
)

// Local is what the verbs need that work on a copy, with no server and no store of their own.
type Local struct {
	Settings
	S3      depot.S3 // of the archive
	Archive string   // its place, "" without one
	Allow   []netip.Prefix
	Store   store.Config
	Erasers map[string]Eraser
	// Adopt takes over what the archive has; nil without one.
	Adopt Adopter
}

func (l *Local) means() depot.Means {
	return l.Settings.means(depot.Means{S3: l.S3, Allow: l.Allow, Staging: os.TempDir(), Env: os.Getenv})
}

// Commands is `analytics backup`.
func Commands(client *web.Client, local func() Local) []*cli.Command {
	asJSON := &cli.BoolFlag{Name: "json", Usage: "print the answer as JSON"}
	v := verbs{client, local}
	return []*cli.Command{{
		Name: "backup", Usage: "copy the store while it runs, prove copies, restore them", Category: "data",
		Subcommands: []*cli.Command{
			{
				Name: "create", Usage: "make a backup in a folder or bucket", ArgsUsage: "[PATH|s3://BUCKET/PREFIX]",
				Description: "Without a place it goes to that of the settings (backup.folder). The backup is of\n" +
					"the moment it is begun, and is read back before it counts.\n\n" +
					"Example: analytics backup create /mnt/backups --incremental",
				Flags: []cli.Flag{asJSON, &cli.BoolFlag{Name: "incremental",
					Usage: "copy only what the newest backup there does not hold"}},
				Action: v.create,
			},
			{
				Name: "list", Usage: "list the backups of a place", ArgsUsage: "[PATH|s3://BUCKET/PREFIX]",
				Description: "Example: analytics backup list /mnt/backups", Flags: []cli.Flag{asJSON},
				Action: v.list,
			},
			{
				Name: "verify", Usage: "prove a backup, with nothing but the copy", ArgsUsage: "[PATH|s3://BUCKET/PREFIX]",
				Description: "PATH is a backup, or the place of several, of which the newest is proved. Reads\n" +
					"all of it: every checksum, every event, every count. Exit code 5: do not trust it.\n\n" +
					"Example: analytics backup verify /mnt/backups",
				Flags: []cli.Flag{asJSON}, Action: v.verify,
			},
			{
				Name: "restore", Usage: "make a new data folder of a backup", ArgsUsage: "[PATH|s3://BUCKET/PREFIX]",
				Description: "The folder must be new or empty. It gets its name when the doctor has found\n" +
					"nothing in it. What was erased after the backup is erased again: the archive, the other\n" +
					"backups there and --erasures say what. Logins end; keys, budgets and the rest come along.\n\n" +
					"Example: analytics backup restore /mnt/backups --data ./restored",
				Flags: []cli.Flag{asJSON, &cli.StringSliceFlag{Name: "erasures",
					Usage: "erasures.jsonl, or a data folder that has one (several times)"}},
				Action: v.restore,
			},
		},
	}}
}

// verbs are the verbs, with whom they ask.
type verbs struct {
	client *web.Client
	local  func() Local
}

// argument is the place that the command names, "" for none.
func argument(c *cli.Context) (string, error) {
	place, err := arguments.Optional(c)
	if err != nil || place == "" {
		return "", err
	}
	return depot.Absolute(place)
}

func (v *verbs) create(c *cli.Context) error {
	to, err := argument(c)
	if err != nil {
		return err
	}
	query := url.Values{"incremental": {strconv.FormatBool(c.Bool("incremental"))}}
	if to != "" {
		query.Set("to", to)
	}
	resp, err := v.client.Do(c.Context, http.MethodPost, "/v1/backups", query, "", nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	m, err := web.FollowStages[Made](c.App.ErrWriter, resp.Body)
	if err != nil {
		return errors.Join(c.Context.Err(), err)
	}
	if c.Bool("json") {
		return web.PrintJSON(c.App.Writer, m)
	}
	what := "full"
	if m.Incremental {
		what = "incremental"
	}
	_, err = fmt.Fprintf(c.App.Writer, "%s\n%s, %s as of %s, %s written and proved in %.1f s\n", m.Place,
		what, plural.Of(m.Events, "event"), m.At.UTC().Format(time.DateTime+" UTC"), size(m.Bytes), m.Seconds)
	return err
}

// size is bytes for people.
func size(n int64) string {
	if n < 1<<20 {
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
}

// place is the place that the command names, or that of the settings.
func (v *verbs) place(c *cli.Context, l *Local) (string, error) {
	named, err := argument(c)
	if err != nil {
		return "", err
	}
	return l.place(named)
}

func (v *verbs) list(c *cli.Context) error {
	l := v.local()
	place, err := v.place(c, &l)
	if err != nil {
		return err
	}
	d, err := depot.At(place, l.means())
	if err != nil {
		return err
	}
	all, err := listed(c.Context, d)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return web.PrintJSON(c.App.Writer, all)
	}
	if len(all.Backups) == 0 {
		_, err := fmt.Fprintf(c.App.Writer, "There are no backups in %s.\n", d)
		return err
	}
	w := tabwriter.NewWriter(c.App.Writer, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "BACKUP\tOF\tWHAT\tEVENTS\tSIZE")
	for _, b := range all.Backups {
		what := "full"
		if b.Incremental {
			what = "incremental"
		}
		if b.Problem != "" {
			_, _ = fmt.Fprintf(w, "%s\t-\t%s\t\t\n", b.ID, b.Problem)
			continue
		}
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\n", b.ID, b.At.UTC().Format(time.DateTime+" UTC"), what,
			b.Events, size(b.Bytes))
	}
	return w.Flush()
}

// proved is what verify says.
type proved struct {
	Backup   string   `json:"backup"`
	Whole    bool     `json:"whole"`
	Problems []string `json:"problems"`
	Totals   []Total  `json:"totals,omitempty"`
}

func (v *verbs) verify(c *cli.Context) error {
	l := v.local()
	place, err := v.place(c, &l)
	if err != nil {
		return err
	}
	b, err := find(c.Context, place, l.means())
	if err != nil {
		return err
	}
	bar := web.StageBar(c.App.ErrWriter)
	problems, err := b.Verify(c.Context, bar)
	bar("", 0, 0)
	if f := fault.Of(err); err != nil && f.Kind == fault.Damaged {
		problems, err = append(problems, f.Message), nil
	}
	if err != nil {
		return err
	}
	p := proved{Backup: b.String(), Whole: len(problems) == 0, Problems: append([]string{}, problems...)}
	if p.Whole {
		p.Totals = b.Manifest.Totals
	}
	if c.Bool("json") {
		err = web.PrintJSON(c.App.Writer, p)
	} else if p.Whole {
		_, err = fmt.Fprintf(c.App.Writer, "%s is whole: %s as of %s\n", p.Backup, plural.Of(b.Manifest.Events(), "event"),
			b.Manifest.At.Format(time.DateTime+" UTC"))
	}
	if err == nil && !p.Whole {
		err = fault.New(fault.Damaged, "backup_damaged", "do not trust %s: %s", p.Backup,
			strings.Join(problems, "; "))
	}
	return err
}

func (v *verbs) restore(c *cli.Context) error {
	l := v.local()
	place, err := v.place(c, &l)
	if err != nil {
		return err
	}
	dir := filepath.Clean(v.client.Folder())
	b, err := find(c.Context, place, l.means())
	if err != nil {
		return err
	}
	r := Restoration{Dir: dir, Store: l.Store, Erasers: l.Erasers, Adopt: l.Adopt, Now: time.Now, Log: l.Store.Log,
		Progress: web.StageBar(c.App.ErrWriter)}
	if r.Erasures, err = v.known(c, &l); err != nil {
		return err
	}
	if r.Failpoint, err = store.ExitAt(os.Getenv("ANALYTICS_FAILPOINT")); err != nil {
		return err
	}
	r.Store.Failpoint = r.Failpoint
	out, err := b.Restore(c.Context, r)
	r.Progress("", 0, 0)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return web.PrintJSON(c.App.Writer, out)
	}
	w := c.App.Writer
	_, _ = fmt.Fprintf(w, "%s is the data folder of %s, as of %s\n", out.Data, out.Backup,
		out.At.Format(time.DateTime+" UTC"))
	out.Doctor.Print(w)
	if out.Erased > 0 {
		_, _ = fmt.Fprintf(w, "%s made again\n", plural.Of(out.Erased,
			"erasure that came after the backup was", "erasures that came after the backup were"))
	}
	out.adopted(w)
	if out.Archive > 0 {
		_, _ = fmt.Fprintf(w, "%s in the archive, which is not part of a backup; "+
			"`analytics archive verify` says whether it has them\n", plural.Of(out.Archive, "event is", "events are"))
	}
	_, err = fmt.Fprintf(w, "%s ended. Start it with: analytics serve --data %s\n", plural.Of(out.Logins, "login"),
		out.Data)
	return err
}

// known are the erasures that the archive and files know of.
func (v *verbs) known(c *cli.Context, l *Local) (all []erasures.Erasure, err error) {
	for _, path := range c.StringSlice("erasures") {
		more, err := erasures.Load(path)
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	if l.Archive == "" {
		return all, nil
	}
	d, err := depot.At(l.Archive, depot.Means{S3: l.S3, Allow: l.Allow, Staging: os.TempDir(), Env: os.Getenv})
	if err != nil {
		return nil, err
	}
	more, err := erasures.InArchive(c.Context, d)
	return append(all, more...), err
}
