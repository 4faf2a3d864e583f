package retention

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"analytics/engine/audit"
	"analytics/engine/event"
	"analytics/engine/jobs"
	"analytics/engine/store"
	"analytics/engine/store/storetest"
	"analytics/engine/web"
	"analytics/retention/erase"
	"analytics/retention/erasures"
	"analytics/retention/lake"
	"analytics/rollup"
)

const canary = "canary-user@example.com"

// office is a room with an archive, on a real store.
type office struct {
	*testing.T
	data, archive string
	store         *store.Store
	room          *Room
	trail         *audit.Trail
	mux           *web.Mux
	recorded      []string
}

func newOffice(t *testing.T, dir string) *office {
	t.Helper()
	return openOffice(t, filepath.Join(dir, "data"), filepath.Join(dir, "archive"))
}

func openOffice(t *testing.T, data, archive string) *office {
	t.Helper()
	o := &office{T: t, data: data, archive: archive}
	now := func() time.Time { return noon }
	var err error
	o.store, err = store.Open(t.Context(), store.Config{Space: storetest.Room, Dir: o.data,
		MemTableSize: 8 << 20, Now: now,
		Derive: rollup.Derive(time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.store.Close() })
	o.trail = audit.Open(o.store, store.Default, now)
	o.room, err = Open(o.store, Config{Policy: Policy{Days: 4}, Now: now, Log: slog.New(slog.DiscardHandler)}, Doors{
		Local: Local{Settings: Settings{Archive: lake.Settings{Folder: o.archive, AfterDays: 1}}},
		Data:  o.data, Trail: o.trail, Forget: func(store.Tenant) {},
		Record: func(_ context.Context, _ store.Tenant, b []byte) error {
			o.recorded = append(o.recorded, string(b))
			return nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.room.Close() })
	o.mux = web.NewMux(web.Options{})
	o.room.Routes(o.mux)
	return o
}

// live stores, for the last eight days, requests of ten users and activities of two actors; the ones of
// the canary are a tenth and a half.
func (o *office) live() (requests, activities int) {
	o.Helper()
	var b event.Batch
	var e event.Event
	for hour := range 8 * 24 {
		at := event.MicrosOf(noon.Add(-time.Duration(hour) * time.Hour))
		for i := range 10 {
			e.Reset(event.AIRequest)
			e.SetInt(event.Timestamp, int64(at)+int64(i))
			e.SetID(event.EventID, fmt.Appendf(nil, "r-%d-%d", hour, i))
			e.SetText(event.AIModel, []byte("gpt-4o"))
			user := fmt.Sprintf("user-%d", i)
			if i == 3 {
				user = canary
			}
			e.SetText(event.UserID, []byte(user))
			e.Timed, e.Named = true, true
			b.Add(&e)
		}
		for i := range 2 {
			e.Reset(event.Activity)
			e.SetInt(event.Timestamp, int64(at)+int64(i))
			e.SetID(event.EventID, fmt.Appendf(nil, "a-%d-%d", hour, i))
			e.SetText(event.ActivityCategory, []byte("administration"))
			e.SetText(event.ActivityAction, []byte("login"))
			e.SetText(event.ActivityActor, []byte([]string{canary, "somebody"}[i]))
			e.Timed, e.Named = true, true
			b.Add(&e)
		}
	}
	if _, err := o.store.Append(o.Context(), store.Default, &b); err != nil {
		o.Fatal(err)
	}
	return 8 * 24, 8 * 24
}

// settle seals, links, archives and lets go what is due.
func (o *office) settle() {
	o.Helper()
	if _, err := o.store.Seal(o.Context(), math.MaxUint32, true); err != nil {
		o.Fatal(err)
	}
	if _, err := o.trail.Chain(o.Context()); err != nil {
		o.Fatal(err)
	}
	if err := o.room.Archive(o.Context()); err != nil {
		o.Fatal(err)
	}
	if err := o.room.Sweep(o.Context()); err != nil {
		o.Fatal(err)
	}
}

func (o *office) post(target, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, target, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	o.mux.ServeHTTP(w, r.WithContext(web.AsLocal(r.Context())))
	return w
}

// left counts the canary's events by a question.
func (o *office) left() int64 {
	o.Helper()
	r, err := erase.Count(o.Context(), o.store, erasures.New(store.Default, erasures.User, []byte(canary), noon))
	if err != nil {
		o.Fatal(err)
	}
	return r.Total
}

// wantNowhere looks for the canary in every file, and for archive files that nothing names.
func (o *office) wantNowhere(dirs ...string) {
	o.Helper()
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := os.ReadFile(path)
			if bytes.Contains(b, []byte(canary)) {
				o.Errorf("%s names the person", path)
			}
			return err
		})
		if err != nil {
			o.Fatal(err)
		}
	}
}

func (o *office) wantSound() {
	o.Helper()
	problems, err := o.store.Verify(o.Context(), nil)
	if err != nil || len(problems) > 0 {
		o.Errorf("the store has problems: %v, %v", problems, err)
	}
	r, err := o.trail.Verify(o.Context())
	if err != nil || len(r.Problems) > 0 {
		o.Errorf("the audit trail has problems: %v, %v", r.Problems, err)
	}
}

// TestAPersonIsForgottenEverywhere: in the journal, segments, cubes and days, the archive and what the
// archive alone has, reports, and the audit trail, which says so.
func TestAPersonIsForgottenEverywhere(t *testing.T) {
	o := newOffice(t, t.TempDir())
	requests, activities := o.live()
	o.settle()
	if err := os.MkdirAll(filepath.Join(o.data, "reports"), 0o700); err != nil {
		t.Fatal(err)
	}
	report := filepath.Join(o.data, "reports", "costs-2026-11-20.md")
	const head = "# Daily cost report\n\n## By user\n\n| "
	written := head + strings.ReplaceAll(canary, "@", `\@`) + " | $4 |\n" // as reports write it
	if err := os.WriteFile(report, []byte(written), 0o600); err != nil {
		t.Fatal(err)
	}
	want := int64(requests + activities)
	if w := o.post("/v1/erasures?dry_run=true", `{"user_id":"`+canary+`"}`); !strings.Contains(w.Body.String(),
		fmt.Sprintf(`"total":%d`, want)) || o.left() != want {
		t.Fatalf("a dry run: %d %s; want %d", w.Code, w.Body, want)
	}
	w := o.post("/v1/erasures?progress=true", `{"user_id":"`+canary+`"}`)
	lines := strings.Split(strings.TrimSpace(w.Body.String()), "\n")
	var last struct{ Report erase.Report }
	err := json.Unmarshal([]byte(lines[len(lines)-1]), &last)
	if err != nil || last.Report.Total != want || len(lines) < 8 {
		t.Fatalf("%s, %v; want %d events", lines[len(lines)-1], err, want)
	}
	if n := o.left(); n != 0 {
		t.Errorf("%d events are left", n)
	}
	o.wantSound()
	if text, err := os.ReadFile(report); err != nil || string(text) != head+"(erased) | $4 |\n" {
		t.Errorf("the report says %q, %v", text, err)
	}
	if len(o.recorded) != 1 || strings.Contains(o.recorded[0], canary) || !strings.Contains(o.recorded[0], `"erase"`) {
		t.Errorf("recorded %v", o.recorded)
	}
	o.settle()
	o.wantSound()
	if n := o.left(); n != 0 {
		t.Errorf("%d events are left once all is archived again", n)
	}
	if err := o.store.Close(); err != nil {
		t.Fatal(err)
	}
	o.wantNowhere(o.data, o.archive)
	known := map[string]bool{}
	manifests, _ := filepath.Glob(filepath.Join(o.archive, "*", "*", "*", "_manifest.json"))
	for _, m := range manifests {
		text, err := os.ReadFile(m)
		if err != nil {
			t.Fatal(err)
		}
		files, _ := filepath.Glob(filepath.Join(filepath.Dir(m), "*.parquet"))
		for _, f := range files {
			known[f] = true
			if !bytes.Contains(text, []byte(filepath.Base(f))) {
				t.Errorf("%s is in the archive and in no manifest", f)
			}
		}
	}
	if len(known) == 0 {
		t.Error("the archive is empty: the test looks in the wrong place")
	}
}

// TestAnErasureThatWasCutShortIsFinished: it is in the log before anything goes.
func TestAnErasureThatWasCutShortIsFinished(t *testing.T) {
	o := newOffice(t, t.TempDir())
	o.live()
	o.settle()
	ctx, cancel := context.WithCancel(t.Context())
	people := erase.Open(erase.Config{Store: o.store, Log: erasures.Open(o.store, o.data, nil), Trail: o.trail,
		Data: o.data, Now: func() time.Time { return noon }, Logger: slog.New(slog.DiscardHandler),
		Record: func(context.Context, store.Tenant, []byte) error { return nil },
		After:  func(context.Context, store.Tenant) error { return nil }})
	_, err := people.Erase(ctx, store.Default, erasures.User, canary, "test", func(done, _ int) {
		if done == 3 {
			cancel()
		}
	})
	left := o.left()
	if err == nil || left == 0 {
		t.Fatalf("%v, %d events are left", err, left)
	}
	list, err := people.List(store.Default)
	if err != nil || len(list) != 1 || list[0].State != "pending" || list[0].Hash != "" {
		t.Errorf("%+v, %v", list, err)
	}
	for _, job := range people.Jobs() {
		if err := job.Run(t.Context(), jobs.Period{}); err != nil {
			t.Fatal(err)
		}
	}
	if n := o.left(); n != 0 {
		t.Errorf("%d events are left", n)
	}
	if list, err = people.List(store.Default); err != nil || list[0].State != "done" {
		t.Errorf("%+v, %v", list, err)
	}
	o.wantSound()
}

func TestWishesThatCannotBe(t *testing.T) {
	o := newOffice(t, t.TempDir())
	for target, body := range map[string]string{
		"/v1/erasures":               `{}`,
		"/v1/erasures?":              `{"user_id":"a","visitor_id":"b"}`,
		"/v1/erasures?dry_run=maybe": `{"user_id":"a"}`,
		"/v1/erasures?dryrun=true":   `{"user_id":"a"}`,
		"/v1/erasures?progress=true": `{"userid":"a"}`,
	} {
		if w := o.post(target, body); w.Code != http.StatusBadRequest {
			t.Errorf("%s %s: %d %s", target, body, w.Code, w.Body)
		}
	}
	if list, err := o.room.people.List(store.Default); err != nil || len(list) != 0 {
		t.Errorf("%v, %v", list, err)
	}
}

// TestClearingTakesNothingThatCameLater: everything goes once, and a job that finishes erasures does not
// take what was sent since.
func TestClearingTakesNothingThatCameLater(t *testing.T) {
	o := newOffice(t, t.TempDir())
	o.live()
	o.settle()
	if w := o.post("/v1/erasures", `{"everything":true}`); w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	requests, activities := o.live() // the same again, with times before the erasure
	pending := erasures.Open(o.store, o.data, nil)
	if err := pending.Append(t.Context(), erasures.New(store.Default, erasures.Tenant, nil, noon)); err != nil {
		t.Fatal(err)
	}
	for _, job := range o.room.Jobs() { // as if a crash had come before it was said to be done
		if job.Name == "erasures" {
			if err := job.Run(t.Context(), jobs.Period{}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := o.left(); n != int64(requests+activities) {
		t.Errorf("%d events are there, %d were sent after everything was erased", n, requests+activities)
	}
	o.settle()
	o.wantSound()
}
