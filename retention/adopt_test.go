package retention

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/jobs"
	"analytics/engine/store"
	"analytics/engine/store/storetest"
	"analytics/retention/backup"
	"analytics/retention/depot"
	"analytics/retention/erase"
	"analytics/retention/erasures"
	"analytics/retention/lake"
	"analytics/rollup"
)

// more stores requests of a user on the day so many days ago.
func (o *office) more(name, user string, n, ago int) {
	o.Helper()
	var b event.Batch
	var e event.Event
	day := noon.AddDate(0, 0, -ago).Truncate(24 * time.Hour)
	for i := range n {
		e.Reset(event.AIRequest)
		e.SetInt(event.Timestamp, int64(event.MicrosOf(day.Add(time.Duration(i)*time.Minute))))
		e.SetID(event.EventID, fmt.Appendf(nil, "%s-%d", name, i))
		e.SetText(event.AIModel, []byte("gpt-4o"))
		e.SetText(event.UserID, []byte(user))
		e.Timed, e.Named = true, true
		b.Add(&e)
	}
	if _, err := o.store.Append(o.Context(), store.Default, &b); err != nil {
		o.Fatal(err)
	}
}

// total counts the events that can be asked for.
func (o *office) total() int64 {
	o.Helper()
	r, err := erase.Count(o.Context(), o.store, erasures.New(store.Default, erasures.Tenant, nil, noon))
	if err != nil {
		o.Fatal(err)
	}
	return r.Total
}

// wantCubes wants every cube to be what events give, in the store and in the archive.
func (o *office) wantCubes() {
	o.Helper()
	mill := rollup.New(rollup.Config{Store: o.store, Now: func() time.Time { return noon }})
	r, err := mill.Check(o.Context(), rollup.Scope{Tenant: store.Default, To: math.MaxUint32})
	if err != nil || r.Err() != nil || r.Unproven > 0 || r.Cells == 0 {
		o.Errorf("the cubes: %v, %+v", err, r)
	}
}

// runJob runs a job of the room.
func (o *office) runJob(name string) error {
	all := o.room.Jobs()
	at := slices.IndexFunc(all, func(j jobs.Job) bool { return j.Name == name })
	return all[at].Run(o.Context(), jobs.Period{})
}

func (o *office) backup(place depot.Depot) {
	o.Helper()
	options := backup.Options{Now: func() time.Time { return noon }, Log: slog.New(slog.DiscardHandler)}
	if _, err := backup.Create(o.Context(), o.store, place, options); err != nil {
		o.Fatal(err)
	}
}

// restore restores the newest backup of a place beside an archive, and opens it.
func restore(
	t *testing.T, place depot.Depot, archive string, change func(*backup.Restoration),
) (*office, *backup.Restored) {
	t.Helper()
	now := func() time.Time { return noon }
	log := slog.New(slog.DiscardHandler)
	b, err := backup.Open(t.Context(), place, "")
	if err != nil {
		t.Fatal(err)
	}
	local := Local{Settings: Settings{Archive: lake.Settings{Folder: archive, AfterDays: 1}}}
	r := backup.Restoration{Dir: filepath.Join(t.TempDir(), "data"), Erasers: Erasers(nil), Adopt: local.adopt, Now: now,
		Log: log, Store: store.Config{Space: storetest.Room, MemTableSize: 8 << 20, Now: now, Log: log,
			Derive: rollup.Derive(time.UTC)}}
	if info, err := os.Stat(archive); err == nil && info.IsDir() {
		if r.Erasures, err = erasures.InArchive(t.Context(), depot.NewFolder(archive)); err != nil {
			t.Fatal(err)
		}
	}
	if change != nil {
		change(&r)
	}
	out, err := b.Restore(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return openOffice(t, r.Dir, archive), out
}

// TestARestoredStoreHasWhatWasArchivedSince: late events of archived days, and a person who was erased from days
// that the backup knows in files that are gone. All of it is taken over by the restore, or by the job, or by the
// command, which then learns of the erasure, too.
func TestARestoredStoreHasWhatWasArchivedSince(t *testing.T) {
	for _, how := range []string{"restore", "job", "command", "condensed"} {
		t.Run(how, func(t *testing.T) {
			o := newOffice(t, t.TempDir())
			if how == "condensed" { // days of the backup have no cells of hours any more
				o.room.SetPolicy(Policy{Days: 4, Block: Block{HourlyKeepDays: 6}})
			}
			o.live()
			o.settle()
			place := depot.NewFolder(t.TempDir())
			o.backup(place)
			o.more("late", "somebody", 30, 6)
			o.more("gone", canary, 10, 7)
			if w := o.post("/v1/erasures", `{"user_id":"`+canary+`"}`); w.Code != http.StatusOK {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
			o.settle()
			want := o.total()
			if err := o.store.Close(); err != nil {
				t.Fatal(err)
			}

			r, out := restore(t, place, o.archive, func(r *backup.Restoration) {
				if how == "job" || how == "command" {
					r.Adopt = nil
				}
				if how == "command" {
					r.Erasures = nil
				}
			})
			switch how {
			case "job":
				r.wantUnreadable()
				if err := r.runJob("adopt"); err != nil {
					t.Fatal(err)
				}
			case "command":
				r.wantUnreadable()
				for _, how := range []string{"dry_run", "progress"} {
					r.wantUnreadable()
					w := r.post("/v1/archive/adopt?"+how+"=true", "")
					if !strings.Contains(w.Body.String(), `"state":"adopted"`) {
						t.Errorf("%s: %d %s", how, w.Code, w.Body)
					}
				}
			default:
				if out.Adopted == nil || out.Adopted.Count("adopted") == 0 || out.Waits != "" {
					t.Errorf("the restore took over %+v; %s", out.Adopted, out.Waits)
				}
			}
			r.wantTakenOver(want)
		})
	}
}

// wantUnreadable wants a question to fail, and to say what to do.
func (o *office) wantUnreadable() {
	o.Helper()
	_, err := erase.Count(o.Context(), o.store, erasures.New(store.Default, erasures.Tenant, nil, noon))
	if f := fault.Of(err); f.Code != "archive_unreadable" || !strings.Contains(f.Message, "`analytics archive adopt`") {
		o.Errorf("got %v", err)
	}
}

// wantTakenOver wants so many events, nobody who was erased, and that all goes on as if nothing had been.
func (o *office) wantTakenOver(want int64) {
	o.Helper()
	for range 2 {
		if n, left := o.total(), o.left(); n != want || left != 0 {
			o.Errorf("%d events, want %d; %d of them were erased", n, want, left)
		}
		o.wantSound()
		o.wantCubes()
		if err := o.runJob("erasures"); err != nil {
			o.Error(err)
		}
		o.settle()
	}
	list, err := o.room.people.List(store.Default)
	if err != nil || len(list) != 1 || list[0].State != "done" {
		o.Errorf("erasures: %+v, %v", list, err)
	}
	var verified archived
	w := o.post("/v1/archive/verify", "")
	if err := json.Unmarshal(w.Body.Bytes(), &verified); err != nil || verified.Files == 0 || len(verified.Bad) > 0 {
		o.Errorf("archive verify: %s, %v", w.Body, err)
	}
	if w := o.post("/v1/archive/adopt", ""); !strings.Contains(w.Body.String(), `"taken":[]`) {
		o.Errorf("there is more to take over: %s", w.Body)
	}
	if marked, err := o.room.lake.Marked(); err != nil || marked {
		if err := o.runJob("adopt"); err != nil {
			o.Error(err)
		}
	}
	if err := o.store.Close(); err != nil {
		o.Fatal(err)
	}
	o.wantNowhere(o.data, o.archive)
}

// TestARestoreGoesOnWithoutItsArchive, says so, and leaves it to the server.
func TestARestoreGoesOnWithoutItsArchive(t *testing.T) {
	o := newOffice(t, t.TempDir())
	o.live()
	o.settle()
	place := depot.NewFolder(t.TempDir())
	o.backup(place)
	away := o.archive + ".away"
	if err := os.Rename(o.archive, away); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(o.archive, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	r, out := restore(t, place, o.archive, func(*backup.Restoration) {})
	if out.Waits == "" {
		t.Errorf("the restore says nothing of the archive: %+v", out)
	}
	if err := r.runJob("adopt"); err == nil {
		t.Error("the job did its work without an archive")
	}
	if err := os.Remove(o.archive); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(away, o.archive); err != nil {
		t.Fatal(err)
	}
	if err := r.runJob("adopt"); err != nil {
		t.Fatal(err)
	}
	if got, want := r.total(), int64(8*24*12); got != want {
		t.Errorf("%d events, want %d", got, want)
	}
}

// TestAnArchiveThatIsNotMountedIsNotTakenForAnEmptyOne: a volume that is not mounted is an empty folder, or none.
// What the archive has, and who was erased, is found when it is back.
func TestAnArchiveThatIsNotMountedIsNotTakenForAnEmptyOne(t *testing.T) {
	for _, archived := range []bool{true, false} { // before the backup
		t.Run(fmt.Sprintf("archived=%v", archived), func(t *testing.T) {
			o := newOffice(t, t.TempDir())
			o.more("kept", "somebody", 20, 7)
			o.more("gone", canary, 10, 6)
			if archived {
				o.settle()
			}
			place := depot.NewFolder(t.TempDir())
			o.backup(place)
			o.more("late", "somebody", 30, 5)
			o.settle()
			if w := o.post("/v1/erasures", `{"user_id":"`+canary+`"}`); w.Code != http.StatusOK {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
			if err := o.store.Close(); err != nil {
				t.Fatal(err)
			}
			away := o.archive + ".away"
			if err := os.Rename(o.archive, away); err != nil {
				t.Fatal(err)
			}
			r, out := restore(t, place, o.archive, nil)
			if (out.Waits != "") != archived {
				t.Errorf("the restore says %q of an archive that has nothing", out.Waits)
			}
			if err := r.runJob("adopt"); (err != nil) != archived {
				t.Errorf("the job says %v of an archive that has nothing", err)
			}
			if err := errors.Join(os.RemoveAll(o.archive), os.Rename(away, o.archive)); err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{"adopt", "erasures"} {
				if err := r.runJob(name); err != nil {
					t.Fatal(err)
				}
			}
			if got := r.total(); got != 50 {
				t.Errorf("%d events, want 50", got)
			}
			if err := r.store.Close(); err != nil {
				t.Fatal(err)
			}
			r.wantNowhere(r.data, o.archive)
		})
	}
}

func TestWhatWasTakenOverIsSaidToPeople(t *testing.T) {
	f := func(a lake.Adopted, want, code string) {
		t.Helper()
		var out strings.Builder
		if err := printAdopted(&out, &a); err != nil || !strings.Contains(out.String(), want) {
			t.Errorf("%v\n%s\nwant %q", err, out.String(), want)
		}
		if err := failed(&a); (err != nil) != (code != "") || err != nil && fault.Of(err).Code != code {
			t.Errorf("%v", err)
		}
	}
	f(lake.Adopted{Looked: 3}, "The archive has 3 days, as the store knows them. There is nothing to take over.", "")
	day := lake.Taken{Type: "tool_call", Date: "2026-11-01", State: "adopted", Before: 7, Events: 5, Files: 1}
	f(lake.Adopted{Days: []lake.Taken{day}}, "1 day was taken over: 5 events, where the store counted 7.", "")
	f(lake.Adopted{Days: []lake.Taken{day}, DryRun: true}, "1 day would be taken over", "")
	day.State, day.Reason = "refused", "why"
	f(lake.Adopted{Days: []lake.Taken{day}}, "why", "adopt_refused")
	day.State = "failed"
	f(lake.Adopted{Days: []lake.Taken{day}}, "why", "adopt_failed")
}
