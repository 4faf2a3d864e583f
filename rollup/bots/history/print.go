package history

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"analytics/engine/plural"
)

func newTable(w io.Writer, head string) *tabwriter.Writer {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, head)
	return t
}

// print says what changed, or would, by a rule that was set or taken back.
func (r *Report) print(w io.Writer, back bool) error {
	word := "changed"
	if r.DryRun {
		word = "would change"
	}
	fmt.Fprintf(w, "%s since %s, %d %s\n", plural.Of(r.Events, "event"), r.From.Format("2006-01-02 15:04"), r.Changed, word)
	if r.Gone > 0 {
		fmt.Fprintf(w, "%s\n", plural.Of(r.Gone, "event is in the archive only, and stays as it is",
			"events are in the archive only, and stay as they are"))
	}
	if len(r.Moves) > 0 {
		fmt.Fprintln(w)
		t := newTable(w, "type\tbefore\tafter\tevents")
		for _, m := range r.Moves {
			fmt.Fprintf(t, "%s\t%s\t%s\t%d\n", m.Type, cmp.Or(m.Before, "(none)"), cmp.Or(m.After, "(none)"), m.Events)
		}
		if err := t.Flush(); err != nil {
			return err
		}
	}
	if len(r.Sessions) > 0 {
		fmt.Fprintln(w)
		t := newTable(w, "sessions\tbefore\tafter")
		for _, c := range r.Sessions {
			fmt.Fprintf(t, "%s\t%d\t%d\n", cmp.Or(c.Class, "(none)"), c.Before, c.After)
		}
		if err := t.Flush(); err != nil {
			return err
		}
	}
	switch {
	case r.DryRun:
		fmt.Fprintln(w, "\nThis was a dry run: nothing was changed.")
	case back:
		fmt.Fprintf(w, "\nRule %s is taken back, for new events, too.\n", r.Rule.ID)
	case r.Rule != nil:
		fmt.Fprintf(w, "\nRule %s counts for new events, too; `analytics bots unflag %[1]s` takes it back.\n", r.Rule.ID)
	}
	return nil
}

func (l *listed) print(w io.Writer) error {
	if len(l.Rules) == 0 {
		fmt.Fprintf(w, "Nobody was flagged. Example: analytics bots flag --user-agent '%s' --since 30d\n", "%python-httpx%")
	} else {
		t := newTable(w, "id\tclass\tuser agent\tfingerprint\tsite\tsince\tset")
		for _, r := range l.Rules {
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.ID, r.Class, plain(r.UserAgent, 60), r.Fingerprint,
				plain(r.Site, 60), r.Since.Format(time.DateOnly), r.Set.Format("2006-01-02 15:04"))
		}
		if err := t.Flush(); err != nil {
			return err
		}
	}
	fmt.Fprintf(w, "\nA session is a behavioral_bot from %d points of two tiers on, or by one reason that convicts "+
		"alone.\n", cmp.Or(l.Threshold, 50))
	t := newTable(w, "reason\tpoints\ttier\twhat")
	for _, r := range l.Behaviour {
		fmt.Fprintf(t, "%s\t%d\t%s\t%s\n", r.Word, r.Points, r.Tier, r.About)
	}
	return t.Flush()
}

func (r *reputations) print(w io.Writer) error {
	if r.Found == 0 {
		fmt.Fprintf(w, "No stored session since %s has a fingerprint.\n", r.Since.Format(time.DateOnly))
		return nil
	}
	t := newTable(w, "fingerprint\tsessions\tbots\tghosts\tpeople\tscore\tfirst\tlast\tflags\tuser agent")
	for _, f := range r.Fingerprints {
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%d\t%.0f\t%s\t%s\t%s\t%s\n", f.Fingerprint, f.Sessions, f.Bots, f.Ghosts,
			f.Humans, f.Score, f.First.Format(time.DateOnly), f.Last.Format(time.DateOnly),
			strings.Join(f.Flags, ","), plain(f.UserAgent, 160))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if more := r.Found - len(r.Fingerprints); more > 0 {
		fmt.Fprintf(w, "and %d more; --limit shows them\n", more)
	}
	return nil
}
