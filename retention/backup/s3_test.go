package backup

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/retention/depot"
	"analytics/retention/depot/s3test"
)

// TestBackupsInABucketAreAsInAFolder makes a full and an incremental one, and restores.
func TestBackupsInABucketAreAsInAFolder(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.lived()
	s := s3test.New(t)
	d := s.Bucket(t, "s3://bucket/backups")
	o := h.options()
	o.packSize = 0
	first, err := Create(t.Context(), h.store, d, o)
	if err != nil {
		t.Fatal(err)
	}
	h.put(store.Default, event.ToolCall, 300, 50, true)
	want := totals(t, h.store)
	h.pass(1e9)
	o.Incremental = true
	second, err := Create(t.Context(), h.store, d, o)
	if err != nil || len(second.Needs) == 0 || second.Size() > first.Size() {
		t.Fatalf("incremental %+v, %v", second, err)
	}
	for place, id := range map[string]string{"s3://bucket/backups": second.ID,
		"s3://bucket/backups/" + first.ID: first.ID} {
		b, err := find(t.Context(), place, s.Means(t))
		if err != nil || b.Manifest.ID != id {
			t.Fatalf("%s is %v, %v; want %s", place, b, err, id)
		}
		if problems, err := b.Verify(t.Context(), nil); err != nil || len(problems) > 0 {
			t.Errorf("%s: %v %v", place, problems, err)
		}
	}
	b, err := Open(t.Context(), d, "")
	if err != nil {
		t.Fatal(err)
	}
	r := h.restoration(filepath.Join(t.TempDir(), "new"))
	if _, err := b.Restore(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if got := totals(t, h.open(r.Dir)); got != want {
		t.Errorf("restored\n%s\nwant\n%s", got, want)
	}
	if err := d.Remove(t.Context(), path.Join(first.ID, second.Needs[0].Name)); err != nil {
		t.Fatal(err)
	}
	problems, err := b.Verify(t.Context(), nil)
	if err != nil || len(problems) != 1 || !strings.Contains(problems[0], second.Needs[0].Name+" is missing") {
		t.Errorf("without a file it needs: %v, %v", problems, err)
	}
}

// TestABucketThatDoesNotAnswerIsNoDamage: while a store says no, nobody learns that a backup is damaged.
func TestABucketThatDoesNotAnswerIsNoDamage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.lived()
	s := s3test.New(t)
	d := s.Bucket(t, "s3://bucket")
	m, err := Create(t.Context(), h.store, d, h.options())
	if err != nil {
		t.Fatal(err)
	}
	b, err := Open(t.Context(), d, m.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, stem := range []string{stateStem, indexStem, dataStem} {
		for _, spared := range []int64{0, 1} { // the first time a file is read, and the second
			var left atomic.Int64
			left.Store(spared)
			no := func(w http.ResponseWriter, r *http.Request) bool {
				if !strings.Contains(r.URL.Path, "/"+stem) || left.Add(-1) >= 0 {
					return false
				}
				w.WriteHeader(http.StatusNotImplemented)
				return true
			}
			s.First.Store(&no)
			problems, err := b.Verify(t.Context(), nil)
			if fault.Of(err).Kind != fault.Unavailable || len(problems) > 0 {
				t.Errorf("%s after %d: %v, %v", stem, spared, problems, err)
			}
		}
	}
	no := func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == "GET" && strings.HasSuffix(r.URL.Path, manifestName) {
			w.WriteHeader(http.StatusNotImplemented)
			return true
		}
		return false
	}
	s.First.Store(&no)
	if all, err := List(t.Context(), d); fault.Of(err).Kind != fault.Unavailable {
		t.Errorf("a list of %v, %v", all, err)
	}
}

// TestWhatStopsABackupInABucketLeavesNone cancels at every edge, and cuts the connection for good.
func TestWhatStopsABackupInABucketLeavesNone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.lived()
	s := s3test.New(t)
	d := s.Bucket(t, "s3://bucket")
	edges, _ := Edges()
	for _, at := range edges[:len(edges)-1] {
		ctx, cancel := context.WithCancel(t.Context())
		o := h.options()
		o.Failpoint = func(name string) {
			if name == at {
				cancel()
			}
		}
		if _, err := Create(ctx, h.store, d, o); !errors.Is(err, context.Canceled) {
			t.Errorf("stopped at %s: %v", at, err)
		}
		cancel()
		none(t, d, at)
	}
	var left atomic.Int64
	left.Store(4) // uploads, before the store of the bucket says no
	no := func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != "PUT" || left.Add(-1) >= 0 {
			return false
		}
		w.WriteHeader(http.StatusForbidden)
		return true
	}
	s.First.Store(&no)
	if _, err := Create(t.Context(), h.store, d, h.options()); fault.Of(err).Code != "bucket_refused" {
		t.Errorf("a bucket that refuses: %v", err)
	}
	none(t, d, "refusal")
}

// none wants no backup, and no file.
func none(t *testing.T, d depot.Depot, at string) {
	t.Helper()
	all, err := List(t.Context(), d)
	if err != nil || len(all) > 0 {
		t.Errorf("stopped at %s there is %v, %v", at, all, err)
	}
	_, folders, err := d.List(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range folders { // the store of the tests lists folders of which all is gone
		if files, _, err := d.List(t.Context(), dir); err != nil || len(files) > 0 {
			t.Errorf("stopped at %s it left %v, %v", at, files, err)
		}
	}
	dir, err := d.Staging()
	if err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("stopped at %s it left %v staged, %v", at, left, err)
	}
}

// TestADraftInABucketIsNoBackup: it has no SHA256SUMS yet, and a day later it is removed.
func TestADraftInABucketIsNoBackup(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.lived()
	d := s3test.New(t).Bucket(t, "s3://bucket")
	m, err := Create(t.Context(), h.store, d, h.options())
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Remove(t.Context(), path.Join(m.ID, sumsName)); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), d, m.ID); fault.Of(err).Kind != fault.Damaged {
		t.Errorf("a draft was opened: %v", err)
	}
	if all, err := List(t.Context(), d); err != nil || len(all) > 0 {
		t.Errorf("a draft is listed: %v, %v", all, err)
	}
	h.pass(25 * 3600e9)
	if _, err := Create(t.Context(), h.store, d, h.options()); err != nil {
		t.Fatal(err)
	}
	if files, _, err := d.List(t.Context(), m.ID); err != nil || len(files) > 0 {
		t.Errorf("a day later %v is left of the draft, %v", files, err)
	}
}
