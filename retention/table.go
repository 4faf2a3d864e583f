package retention

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"text/tabwriter"
	"time"

	"analytics/engine/plural"
)

// print writes a reply for people: one line for the stretches of a type that follow each other and
// have the same fate for the same reason, or with all a line for each.
func (r *reply) print(w io.Writer, all bool) error {
	switch {
	case r.Cutoff == nil && len(r.Types) > 0:
		fmt.Fprintln(w, "Raw events are kept: retention_days is 0.")
	case r.Cutoff == nil:
		fmt.Fprintln(w, "Everything is kept: retention_days is 0.")
	default:
		fmt.Fprintf(w, "Raw events are kept for %s: those before %s may go.\n", plural.Of(r.Days, "day"),
			stamp(*r.Cutoff)+" UTC")
	}
	for _, name := range slices.Sorted(maps.Keys(r.Types)) {
		if days := r.Types[name]; days > 0 {
			fmt.Fprintf(w, "Events of type %s are kept for %s.\n", name, plural.Of(days, "day"))
		} else {
			fmt.Fprintf(w, "Events of type %s are kept for ever.\n", name)
		}
	}
	r.printDisk(w)
	if r.Suspended != "" {
		fmt.Fprintf(w, "Deletion is suspended: %s.\n", r.Suspended)
	}
	if err := printLines(w, r.Hours, all); err != nil {
		return err
	}
	if r.Drop.Stretches == 0 {
		fmt.Fprintf(w, "Nothing to delete; %s.\n", plural.Of(r.Keep.Rows, "event stays", "events stay"))
	} else {
		fmt.Fprintf(w, "%s %s in %s, %s; %s.\n", r.verb(), plural.Of(r.Drop.Rows, "event"),
			plural.Of(r.Drop.Stretches, "part"), size(r.Drop.Bytes), plural.Of(r.Keep.Rows, "event stays", "events stay"))
	}
	if r.Cells != nil {
		if err := r.Cells.print(w, r, all); err != nil {
			return err
		}
	}
	if r.Reports == nil {
		return nil
	}
	return r.Reports.print(w, r, all)
}

// print writes what is said of reports, those that follow each other and are alike on one line unless all
// are wanted.
func (p *papers) print(w io.Writer, r *reply, all bool) error {
	fmt.Fprintf(w, "\nReports are kept %s after the time they are of.\n\n", forDays(p.Days))
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "ACTION\tFIRST\tLAST\tFILES\tSIZE\tREASON")
	for i := 0; i < len(p.Files); {
		f, last, n := p.Files[i], p.Files[i].Name, 1
		for i++; !all && i < len(p.Files) && p.Files[i].Reason == f.Reason; i++ {
			last, f.Bytes, n = p.Files[i].Name, f.Bytes+p.Files[i].Bytes, n+1
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%d\t%s\t%s\n", f.Action, f.Name, last, n, size(f.Bytes), f.Reason)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	goes, stays := "No reports to delete", "none stays"
	if p.Drop.Files > 0 {
		goes = fmt.Sprintf("%s %s of reports, %s", r.verb(), plural.Of(p.Drop.Files, "file"), size(p.Drop.Bytes))
	}
	if p.Keep.Files > 0 {
		stays = plural.Of(p.Keep.Files, "file stays", "files stay") + ", " + size(p.Keep.Bytes)
	}
	_, err := fmt.Fprintf(w, "\n%s; %s.\n", goes, stays)
	return err
}

// forDays is for how long something is kept.
func forDays(n int) string {
	if n == 0 {
		return "for ever"
	}
	return "for " + plural.Of(n, "day")
}

// print writes what is said of counts whose events are not in the store.
func (c *cells) print(w io.Writer, r *reply, all bool) error {
	fmt.Fprintf(w, "\nOf days without events in the store, counts by hour are kept %s and counts by day %s.\n",
		forDays(c.Hourly), forDays(c.Daily))
	if err := printLines(w, c.Hours, all); err != nil {
		return err
	}
	verb := "Would condense or delete"
	switch {
	case c.Drop.Stretches == 0:
		fmt.Fprintf(w, "No counts to condense or delete; %s stay.\n", size(c.Keep.Bytes))
		return nil
	case r.Done:
		verb = "Condensed or deleted"
	case r.Suspended != "":
		verb = "Not condensed or deleted:"
	}
	rest := "nothing else is kept."
	if c.Keep.Bytes > 0 {
		rest = size(c.Keep.Bytes) + " stay as they are."
	}
	fmt.Fprintf(w, "%s %s of counts in %s; %s\n", verb, size(c.Drop.Bytes), plural.Of(c.Drop.Stretches, "part"), rest)
	if r.Done {
		fmt.Fprintf(w, "That gave back %s.\n", size(c.Freed))
	}
	return nil
}

// printLines writes decisions, those that follow each other and are alike as one unless all are wanted.
func printLines(w io.Writer, lines []line, all bool) error {
	if len(lines) == 0 {
		return nil
	}
	fmt.Fprintln(w)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "ACTION\tTYPE\tFROM\tTO\tPARTS\tEVENTS\tSIZE\tREASON")
	for i := 0; i < len(lines); {
		l, parts := lines[i], 1
		for i++; !all && i < len(lines) && lines[i].follows(l); i++ {
			l.To = max(l.To, lines[i].To)
			l.Rows += lines[i].Rows
			l.Bytes += lines[i].Bytes
			parts++
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%d\t%d\t%s\t%s\n", l.Action, l.Type, stamp(l.From),
			stamp(l.To), parts, l.Rows, size(l.Bytes), l.Reason)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(w)
	return nil
}

// printDisk says how the disk budget is kept, if there is one.
func (r *reply) printDisk(w io.Writer) {
	switch d := r.Disk; {
	case d == nil:
	case d.Warning != "":
		fmt.Fprintf(w, "Warning: %s.\n", d.Warning)
	case d.Used > d.Budget:
		fmt.Fprintf(w, "The data folder has %s, over its budget of %s; %s more go for that, oldest days first.\n",
			size(d.Used), size(d.Budget), size(d.Goes))
	default:
		fmt.Fprintf(w, "The data folder has %s of its budget of %s.\n", size(d.Used), size(d.Budget))
	}
}

func (r *reply) verb() string {
	switch {
	case r.Done:
		return "Deleted"
	case r.Suspended != "":
		return "Not deleted:"
	}
	return "Would delete"
}

func (l line) follows(before line) bool {
	return l.Type == before.Type && l.Action == before.Action && l.Reason == before.Reason
}

// stamp is an RFC 3339 moment in UTC without what is always the same.
func stamp(moment string) string {
	t, err := time.Parse(time.RFC3339, moment)
	if err != nil {
		return moment
	}
	return t.UTC().Format("2006-01-02 15:04")
}

// size is a number of bytes for people; "-" where it is not known.
func size(n int64) string {
	switch {
	case n == 0:
		return "-"
	case n < 1000:
		return strconv.FormatInt(n, 10) + " B"
	}
	f, unit := float64(n), ""
	for _, unit = range []string{"kB", "MB", "GB", "TB"} {
		if f /= 1000; f < 999.5 {
			break
		}
	}
	return strconv.FormatFloat(f, 'f', 1, 64) + " " + unit
}
