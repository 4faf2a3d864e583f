package retention

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strconv"
	"text/tabwriter"
	"time"

	"analytics/engine/audit"
	"analytics/engine/fault"
	"analytics/engine/jobs"
	"analytics/engine/plural"
	"analytics/engine/store"
	"analytics/engine/web"
	"analytics/retention/depot"
	"analytics/retention/erase"
	"analytics/retention/erasures"
	"analytics/retention/lake"
)

// After a restore the archive is newer than the store: see retention/lake. What it has is taken over by the
// restore itself, or where that could not, by the job adopt, or by the command.

// Adopt takes over what the archive has of a tenant and the store does not know of. Erasures that only the
// archive knows of are made here, too.
func (r *Room) Adopt(
	ctx context.Context, t store.Tenant, trust, dry bool, progress func(done, days int),
) (*lake.Adopted, error) {
	l, err := r.open()
	if err != nil {
		return nil, err
	}
	log, err := r.learn(ctx, t, l, dry)
	if err != nil {
		return nil, err
	}
	a := lake.Adoption{Trust: trust, DryRun: dry, Progress: progress, Link: r.people.Trail(t).Erase}
	done, err := adopt(ctx, l, t, log, a)
	if err != nil || dry {
		return done, err
	}
	r.forget(t)
	if done.Count("adopted", "erased") == 0 || done.Count("refused", "failed") > 0 {
		return done, nil
	}
	if err := r.people.Finish(ctx); err != nil { // the job tries again
		r.cfg.Log.Warn("erasures were not carried out to the end", "error", err)
	}
	return done, nil
}

// adopt takes over what of a tenant was not erased.
func adopt(
	ctx context.Context, l *lake.Lake, t store.Tenant, log []erasures.Erasure, a lake.Adoption,
) (*lake.Adopted, error) {
	known, err := erase.Everybody(t, log)
	if err != nil {
		return nil, err
	}
	a.Erased = lake.Erased{Gone: known.Gone, Fewer: known.Fewer, All: known.All()}
	return l.Adopt(ctx, t, a)
}

// learn gives the erasures that store and archive know of, and writes down those that are new here.
func (r *Room) learn(ctx context.Context, t store.Tenant, l *lake.Lake, dry bool) ([]erasures.Erasure, error) {
	mine, err := r.erased.All()
	if err != nil {
		return nil, err
	}
	theirs, err := erasures.InArchive(ctx, l.Depot())
	if err != nil {
		return nil, err
	}
	fresh := erasures.Without(theirs, mine)
	for _, e := range fresh {
		if of, err := e.Of(); e.Scope == erasures.Tenant && (err != nil || of == t) {
			return nil, fault.New(fault.Conflict, "erasure_unknown", "the archive says that everything was erased on %s, "+
				"and this store has events of before; say `analytics erase --everything`, or restore the backup again with "+
				"the archive in the settings", e.At.UTC().Format(time.DateTime+" UTC"))
		}
	}
	if dry || len(fresh) == 0 {
		return erasures.Union(mine, theirs), nil
	}
	return erasures.Union(mine, theirs), r.erased.Append(ctx, fresh...)
}

// adoption is the job: after a restore it takes over what is there, once.
func (r *Room) adoption() jobs.Job {
	return jobs.Job{
		Name: "adopt", About: "after a restore, takes over what the archive has", When: jobs.Every(10 * time.Minute),
		Timeout: 12 * time.Hour,
		Run:     func(ctx context.Context, _ jobs.Period) error { return r.adoptOnce(ctx) },
	}
}

func (r *Room) adoptOnce(ctx context.Context) error {
	if r.lake == nil {
		return nil
	}
	if marked, err := r.lake.Marked(); err != nil || !marked {
		return err
	}
	tenants, err := r.lake.Tenants(ctx)
	if err != nil || len(tenants) == 0 { // nothing: a volume may not be mounted, so the mark stays
		return err
	}
	for _, t := range tenants {
		done, err := r.Adopt(ctx, t, false, false, func(int, int) {})
		if err != nil {
			return err
		}
		if n := done.Count("failed"); n > 0 {
			return failed(done)
		}
		r.tell(done)
	}
	return r.lake.Unmark(ctx)
}

// tell logs what was taken over.
func (k *Keeper) tell(done *lake.Adopted) {
	if n := done.Count("adopted"); n > 0 {
		now, before := done.Events()
		k.cfg.Log.Info("archive: took over what was archived after the backup", "days", n, "events", now,
			"before", before)
	}
	if n := done.Count("refused"); n > 0 {
		k.cfg.Log.Warn("archive: days were left alone; see `analytics archive adopt --dry-run`", "days", n)
	}
}

// failed is the fault of days that were not taken over, nil if there are none.
func failed(a *lake.Adopted) error {
	for _, state := range []string{"failed", "refused"} {
		if n := a.Count(state); n > 0 {
			at := slices.IndexFunc(a.Days, func(d lake.Taken) bool { return d.State == state })
			kind := map[string]fault.Kind{"failed": fault.Internal, "refused": fault.Conflict}[state]
			return fault.New(kind, "adopt_"+state, "%s not taken over, such as %s of %s: %s",
				plural.Of(n, "day was", "days were"), a.Days[at].Type, a.Days[at].Date, a.Days[at].Reason)
		}
	}
	return nil
}

// adopt is what a restore does with the archive, for a store that nobody else has open.
func (l Local) adopt(
	ctx context.Context, s *store.Store, dir string, tell func(done, days int64),
) (*lake.Adopted, error) {
	cfg := lake.Config{Settings: l.Archive, Now: time.Now, Failpoint: s.Failpoint,
		Log:   web.NewLog(os.Stderr, slog.LevelWarn, true),
		Means: depot.Means{S3: l.Archive.S3, Allow: l.Allow, Staging: staging(dir), Env: os.Getenv}}
	place, err := lake.Open(s, cfg)
	if err != nil {
		return nil, err
	}
	log, err := erasures.Open(s, "", nil).All()
	if err != nil {
		return nil, err
	}
	tenants, err := place.Tenants(ctx)
	if err != nil || len(tenants) == 0 {
		return nil, err
	}
	all := &lake.Adopted{}
	for _, t := range tenants {
		done, err := adopt(ctx, place, t, log, lake.Adoption{Link: audit.Open(s, t, time.Now).Erase,
			Progress: func(done, days int) { tell(int64(done), int64(days)) }})
		if err != nil {
			return nil, err
		}
		all.Looked, all.Days = all.Looked+done.Looked, append(all.Days, done.Days...)
	}
	if all.Count("failed") > 0 {
		return all, nil
	}
	return all, place.Unmark(ctx)
}

func (r *Room) postAdopt(w http.ResponseWriter, req *http.Request) error {
	q, err := web.Parameters(req, "dry_run", "trust", "progress")
	if err != nil {
		return err
	}
	on := map[string]bool{}
	for name := range q {
		if on[name], err = strconv.ParseBool(q.Get(name)); err != nil { // a misspelled dry_run must not take over
			return fault.At(fault.Invalid, "invalid_value", name, "%s must be true or false", name)
		}
	}
	t := web.Identity(req.Context()).Tenant
	return web.Steps(w, on["progress"], func(tell func(int, int)) (*lake.Adopted, error) {
		return r.Adopt(req.Context(), t, on["trust"], on["dry_run"], tell)
	})
}

// printAdopted writes for people what was taken over.
func printAdopted(w io.Writer, a *lake.Adopted) error {
	if len(a.Days) == 0 {
		_, err := fmt.Fprintf(w, "The archive has %s, as the store knows them. There is nothing to take over.\n",
			plural.Of(a.Looked, "day"))
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(t, "TYPE\tDAY\tSTATE\tBEFORE\tEVENTS\tFILES\tWHY")
	for _, d := range a.Days {
		counts := "\t\t" // of a day that is as it was
		if d.State == "adopted" {
			counts = fmt.Sprintf("%d\t%d\t%d", d.Before, d.Events, d.Files)
		}
		_, _ = fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", d.Type, d.Date, d.State, counts, web.Clean(d.Reason))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	was, were := "day was taken over", "days were taken over"
	if a.DryRun {
		was, were = "day would be taken over", "days would be taken over"
	}
	now, before := a.Events()
	_, err := fmt.Fprintf(w, "%s: %s, where the store counted %d.\n", plural.Of(a.Count("adopted"), was, were),
		plural.Of(now, "event"), before)
	return err
}
