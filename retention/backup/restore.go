package backup

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"analytics/engine/auth"
	"analytics/engine/doctor"
	"analytics/engine/fault"
	"analytics/engine/plural"
	"analytics/engine/store"
	"analytics/engine/whole"
	"analytics/retention/depot"
	"analytics/retention/erasures"
	"analytics/retention/lake"
)

// Eraser erases again what an erasure says, from a store that nobody else has open.
type Eraser func(ctx context.Context, s *store.Store, e erasures.Erasure) error

// Adopter has a store take over what the archive has that is newer: see retention/lake. Dir is its folder; tell is
// told how far it is in days.
type Adopter func(ctx context.Context, s *store.Store, dir string, tell func(done, days int64)) (*lake.Adopted, error)

// Restoration is how a backup is restored.
type Restoration struct {
	// Dir is where the data folder will be. It must not be there, or be empty.
	Dir string
	// Store is how the new store is opened; its Dir is not used.
	Store store.Config
	// Erasures are those known from elsewhere: the archive, other data folders. Those that other
	// backups of the same place know of are added.
	Erasures []erasures.Erasure
	// Erasers erase, by scope. A backup that lacks an erasure of another scope is not restored.
	Erasers map[string]Eraser
	// Adopt has the store take over what the archive has; nil without an archive. Where it cannot, the server
	// does it later.
	Adopt Adopter

	Now       func() time.Time
	Log       *slog.Logger
	Progress  func(stage string, done, total int64)
	Failpoint func(name string)
}

// Restored is what a restore did.
type Restored struct {
	Backup  string        `json:"backup"`
	Data    string        `json:"data"`
	At      time.Time     `json:"at"` // the moment it is of
	Totals  []Total       `json:"totals"`
	Erased  int           `json:"erased"` // erasures that were made again
	Logins  int           `json:"logins"` // that ended
	Doctor  doctor.Report `json:"doctor"`
	Archive int64         `json:"archived_events"` // that the archive must have
	// Adopted is what was taken over of the archive, Waits why that was not all yet.
	Adopted *lake.Adopted `json:"adopted,omitempty"`
	Waits   string        `json:"archive_waits,omitempty"`
}

// partialEnds ends the name of the folder in which a restore works; restoringMark says that it is one.
const (
	partialEnd    = ".partial"
	restoringMark = "RESTORING"
)

// Restore makes a data folder of the backup. It works in a folder beside it, which gets the name only
// when the doctor has found nothing in it: a crash leaves no folder of that name, or a whole one.
// Nothing else is touched, and no other folder than a fresh one is ever written to.
func (b *Backup) Restore(ctx context.Context, r Restoration) (out *Restored, err error) {
	if r.Progress == nil {
		r.Progress = func(string, int64, int64) {}
	}
	if r.Failpoint == nil {
		r.Failpoint = func(string) {}
	}
	problems, err := b.Verify(ctx, r.Progress)
	if err == nil && len(problems) > 0 {
		err = damaged(b.dir, "%s; nothing was restored", strings.Join(problems, "; "))
	}
	if err != nil {
		return nil, err
	}
	again, err := b.missing(ctx, &r)
	if err != nil {
		return nil, err
	}
	work := r.Dir + partialEnd
	if err := fresh(r.Dir, work); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(b.room(r.Dir, err), os.RemoveAll(work))
		}
	}()
	r.Failpoint("restore.begin")
	if err := b.fill(ctx, work, &r); err != nil {
		return nil, err
	}
	r.Failpoint("restore.filled")
	cfg := r.Store
	cfg.Dir = work
	if all := erasures.Union(b.Manifest.Erasures, again); len(all) > 0 {
		err := opened(ctx, cfg, func(s *store.Store) error { return r.erase(ctx, s, work, all, again) })
		if err != nil {
			return nil, err
		}
	}
	out = &Restored{Backup: b.String(), Data: r.Dir, At: b.Manifest.At, Erased: len(again)}
	err = opened(ctx, cfg, func(s *store.Store) error { return b.adopt(ctx, s, work, &r, again, out) })
	if err != nil {
		return nil, err
	}
	r.Failpoint("restore.adopted")
	cfg.Derive = nil // blocks are not made anew to compare them: an older version's are no damage
	if err := opened(ctx, cfg, func(s *store.Store) error { return examine(ctx, s, &r, out) }); err != nil {
		return nil, err
	}
	r.Failpoint("restore.closed")
	return out, publish(ctx, work, r.Dir, r.Failpoint)
}

// room says of a full disk what a restore needs: the store under it speaks of taking events.
func (b *Backup) room(dir string, err error) error {
	if err = depot.Full(dir, err); fault.Of(err).Kind != fault.Full {
		return err
	}
	return fault.New(fault.Full, "disk_full", "there is no room for the backup in %s: it has %s, and the store needs "+
		"some more; nothing was restored. Free some, or name a folder on another disk with --data", dir,
		size(b.Manifest.Bytes)).Wrap(err)
}

// fresh makes the folder to work in. A folder that an earlier restore left half done is made anew.
func fresh(dir, work string) error {
	list, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fault.At(fault.Invalid, "bad_folder", "data", "%v", err)
	}
	if len(list) > 0 {
		return fault.At(fault.Conflict, "not_empty", "data",
			"%s is not empty; a backup is only restored into a new folder", dir)
	}
	mark := filepath.Join(work, restoringMark)
	if _, err := os.Lstat(work); err == nil {
		if _, err := os.Stat(mark); err != nil {
			return fault.At(fault.Conflict, "not_empty", "data",
				"%s is in the way and no restore left it; move it away", work)
		}
		if err := os.RemoveAll(work); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(work, 0o700); err != nil {
		return fault.At(fault.Invalid, "bad_folder", "data", "%v", err)
	}
	return os.WriteFile(mark, []byte("A backup is being restored here; `analytics backup restore` "+
		"begins anew.\n"), 0o600)
}

// missing lists the erasures that were made after the backup, as far as anybody knows of them.
func (b *Backup) missing(ctx context.Context, r *Restoration) ([]erasures.Erasure, error) {
	all, err := List(ctx, b.depot)
	if err != nil {
		return nil, err
	}
	known := [][]erasures.Erasure{r.Erasures}
	for _, l := range all {
		if l.Manifest != nil {
			known = append(known, l.Manifest.Erasures)
		}
	}
	again := erasures.Without(erasures.Union(known...), b.Manifest.Erasures)
	for _, e := range again {
		if r.Erasers[e.Scope] == nil {
			return nil, fault.New(fault.Conflict, "cannot_erase", "%s of %s was erased on %s, after the "+
				"backup, and this program cannot erase that again; nothing was restored", e.Scope, e.Tenant,
				e.At.Format(time.DateOnly))
		}
	}
	return again, nil
}

// fill writes everything into a new store.
func (b *Backup) fill(ctx context.Context, work string, r *Restoration) (err error) {
	cfg := r.Store
	cfg.Dir = work
	f, err := store.NewFiller(cfg)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := f.Close(); err == nil {
			err = cerr
		}
	}()
	if err := b.pairs(ctx, f.Put); err != nil {
		return err
	}
	done, n := int64(0), 0
	return b.pieces(ctx, func(p *piece, v []byte) error {
		if done += int64(p.size); n%64 == 0 {
			r.Progress("restoring", done, b.Manifest.Bytes)
		}
		n++
		return f.Put(p.key, v)
	})
}

// opened opens a store for as long as do takes.
func opened(ctx context.Context, cfg store.Config, do func(s *store.Store) error) error {
	s, err := store.Open(ctx, cfg)
	if err != nil {
		return err
	}
	return cmp.Or(do(s), s.Close())
}

// erase writes down every erasure that anybody knows of, and makes again those that the backup lacks.
func (r *Restoration) erase(
	ctx context.Context, s *store.Store, work string, all, again []erasures.Erasure,
) error {
	if err := erasures.Open(s, work, nil).Append(ctx, all...); err != nil {
		return err
	}
	for _, e := range again {
		if err := r.Erasers[e.Scope](ctx, s, e); err != nil {
			return fmt.Errorf("erase again what was erased on %s: %w", e.At.Format(time.DateOnly), err)
		}
	}
	return nil
}

// adopt counts the new store against the backup and then has it take over what the archive has. The mark says
// that this is to be done, for the server that can what could not be done here.
func (b *Backup) adopt(
	ctx context.Context, s *store.Store, work string, r *Restoration, again []erasures.Erasure, out *Restored,
) error {
	totals, err := count(ctx, s)
	if err != nil {
		return err
	}
	if len(again) == 0 && !slices.Equal(totals, b.Manifest.Totals) {
		return damaged(b.dir, "it was restored as %+v instead of %+v", totals, b.Manifest.Totals)
	}
	if err := lake.Mark(ctx, s); err != nil || r.Adopt == nil {
		return err
	}
	out.Adopted, err = r.Adopt(ctx, s, work, func(done, days int64) { r.Progress("taking over", done, days) })
	switch n := 0; {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		out.Waits = fault.Of(err).Message
	case out.Adopted != nil:
		for _, d := range out.Adopted.Days {
			if d.Reason != "" {
				n, out.Waits = n+1, fmt.Sprintf("%s of %s: %s", d.Type, d.Date, d.Reason)
			}
		}
		if n > 1 {
			out.Waits = fmt.Sprintf("%d days, the last of them %s", n, out.Waits)
		}
	}
	return nil
}

// adopted says for people what was taken over.
func (r *Restored) adopted(w io.Writer) {
	if a := r.Adopted; a != nil && a.Count("adopted") > 0 {
		now, before := a.Events()
		_, _ = fmt.Fprintf(w, "%s taken over from the archive, which is newer: %s, where the backup counted %d\n",
			plural.Of(a.Count("adopted"), "day was", "days were"), plural.Of(now, "event"), before)
	}
	if r.Waits != "" {
		_, _ = fmt.Fprintf(w, "not all of the archive was taken over: %s\n"+
			"`analytics archive adopt --dry-run` says more; the server tries again what failed\n", r.Waits)
	}
}

// examine has the doctor look at all of the new store.
func examine(ctx context.Context, s *store.Store, r *Restoration, out *Restored) (err error) {
	r.Failpoint("restore.opened")
	if out.Totals, err = count(ctx, s); err != nil {
		return err
	}
	for _, t := range out.Totals {
		out.Archive += int64(t.Archived)
	}
	if out.Logins, err = auth.EndLogins(ctx, s); err != nil {
		return err
	}
	out.Doctor, err = doctor.Examine(ctx, s, r.Now, func(done, total int) {
		r.Progress("examining", int64(done), int64(total))
	})
	if err != nil {
		return err
	}
	r.Failpoint("restore.examined")
	if !out.Doctor.Sound {
		return fault.New(fault.Damaged, "backup_damaged", "the doctor found problems in what was "+
			"restored, so it was removed: %s", strings.Join(out.Doctor.Problems, "; "))
	}
	return nil
}

// count counts what a store has, by tenant and type, from its ledger, journal and catalog.
func count(ctx context.Context, s *store.Store) ([]Total, error) {
	image, err := s.Image(ctx)
	if err != nil {
		return nil, err
	}
	defer image.Close()
	proof := store.NewProof()
	if err := image.Small(ctx, proof.Small); err != nil {
		return nil, err
	}
	return totalsOf(proof.Totals()), nil
}

// publish gives the folder its name.
func publish(ctx context.Context, work, dir string, failpoint func(string)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(work, restoringMark)); err != nil {
		return err
	}
	if err := whole.SyncFolder(work); err != nil {
		return err
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) { // it was empty
		return err
	}
	if err := os.Rename(work, dir); err != nil {
		return err
	}
	failpoint("restore.published")
	return whole.SyncFolder(filepath.Dir(dir))
}
