package lake

import (
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"testing"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/engine/store/storetest"
	"analytics/retention/depot"
	"analytics/retention/depot/s3test"
)

// bucketHouse is a house whose archive is in a bucket.
func bucketHouse(t *testing.T, dir string, s *s3test.Server, prefix string) *house {
	t.Helper()
	h := &house{t: t, dir: dir, files: prefix, acked: map[string]int{}, edge: func(string) {}}
	now := func() time.Time { return noon }
	log := slog.New(slog.DiscardHandler)
	var err error
	h.store, err = store.Open(t.Context(), store.Config{Space: storetest.Room, Dir: dir,
		MemTableSize: 8 << 20, Now: now, Log: log, Failpoint: h.adopting})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.store.Close() })
	settings := Settings{AfterDays: 2, S3: s.Means(t).S3}
	settings.S3.Bucket, settings.S3.Prefix = "bucket", prefix
	h.lake, err = Open(h.store, Config{Settings: settings, Means: s.Means(t), Now: now, Log: log,
		Failpoint: func(name string) { h.edge(name) }})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// fetch copies all that a depot holds into a folder, or into another depot.
func fetch(t *testing.T, from depot.Depot, dir string, put func(name string, body io.Reader)) {
	t.Helper()
	files, folders, err := from.List(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		body, err := from.Read(t.Context(), path.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		put(path.Join(dir, name), body)
		body.Close()
	}
	for _, name := range folders {
		fetch(t, from, path.Join(dir, name), put)
	}
}

// inBucket are the ids in the files of the bucket.
func (h *house) inBucket() map[string]int {
	h.t.Helper()
	was := h.files
	h.files = h.t.TempDir()
	defer func() { h.files = was }()
	fetch(h.t, h.lake.Depot(), "", func(name string, body io.Reader) {
		to := filepath.Join(h.files, name)
		b, err := io.ReadAll(body)
		if err == nil {
			err = os.MkdirAll(filepath.Dir(to), 0o700)
		}
		if err == nil {
			err = os.WriteFile(to, b, 0o600)
		}
		if err != nil {
			h.t.Fatal(err)
		}
	})
	return h.onDisk()
}

// TestAnArchiveInABucketIsReadWithoutNotice, and over few requests.
func TestAnArchiveInABucketIsReadWithoutNotice(t *testing.T) {
	t.Parallel()
	s := s3test.New(t)
	h := bucketHouse(t, t.TempDir(), s, "lake/a")
	h.put(event.AIRequest, 3000, 40)
	h.put(event.PageView, 100, 39)
	old := maps.Clone(h.acked)
	h.put(event.AIRequest, 50, 0)
	if done := h.run(); done[0].State != "archived" || done[0].Rows != 3000 {
		t.Errorf("archived %+v", done)
	}
	h.want("in the bucket", h.inBucket(), old)
	if got := h.drop(event.AIRequest) + h.drop(event.PageView); got != 3100 {
		t.Errorf("dropped %d events, want 3100", got)
	}
	h.want("asked", h.asked(), h.acked)
	before := s.Requests.Load()
	for range 3 {
		h.want("asked again", h.asked(), h.acked)
	}
	if got := s.Requests.Load() - before; got > 0 {
		t.Errorf("asking again took %d requests although all is cached", got)
	}
	files, bad, err := h.lake.Verify(t.Context(), store.Default)
	if err != nil || files != 2 || len(bad) != 0 {
		t.Errorf("verify: %d files, %v, %v; want 2 whole ones", files, bad, err)
	}
	if err := h.store.Erase(t.Context(), store.Default); err != nil {
		t.Fatal(err)
	}
	h.run()
	fetch(t, h.lake.Depot(), "", func(name string, _ io.Reader) { t.Errorf("%s is still there", name) })
}

// TestWhatABucketAltersIsNotDropped: the store of the bucket gives another byte back than it was given.
func TestWhatABucketAltersIsNotDropped(t *testing.T) {
	t.Parallel()
	s := s3test.New(t)
	h := bucketHouse(t, t.TempDir(), s, "")
	h.put(event.AIRequest, 300, 40)
	h.run()
	var all []string
	fetch(t, h.lake.Depot(), "", func(name string, _ io.Reader) { all = append(all, name) })
	for _, name := range all {
		if path.Ext(name) != ".parquet" {
			continue
		}
		var b []byte
		fetch(t, h.lake.Depot(), path.Dir(name), func(found string, body io.Reader) {
			if found == name {
				b, _ = io.ReadAll(body)
			}
		})
		b[len(b)/2] ^= 1
		if err := h.lake.putBytes(t.Context(), name, b); err != nil {
			t.Fatal(err)
		}
	}
	if got := h.drop(event.AIRequest); got != 0 {
		t.Errorf("%d events were dropped although their file is damaged", got)
	}
	gone := func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(http.StatusForbidden)
		return true
	}
	s.First.Store(&gone)
	if got := h.drop(event.AIRequest); got != 0 {
		t.Errorf("%d events were dropped although the bucket cannot be read", got)
	}
	h.want("asked", h.asked(), h.acked)
}

// TestKillsLoseAndDoubleNothingInABucket is TestKillsLoseAndDoubleNothing with the archive in a bucket:
// at every edge the bucket is copied under another prefix.
func TestKillsLoseAndDoubleNothingInABucket(t *testing.T) {
	t.Parallel()
	type kill struct {
		name, dir, prefix string
		acked             map[string]int
	}
	times := 1
	if os.Getenv("ANALYTICS_TEST_STRICT") != "" { // the gate
		times = 10
	}
	var kills []kill
	seen := map[string]int{}
	s := s3test.New(t)
	h := bucketHouse(t, t.TempDir(), s, "live")
	h.edge = func(name string) {
		if seen[name]++; seen[name] > times {
			return
		}
		k := kill{fmt.Sprintf("%s-%d", name, seen[name]), filepath.Join(t.TempDir(), "store"),
			fmt.Sprintf("kill/%s-%d", name, seen[name]), maps.Clone(h.acked)}
		copyFolder(t, k.dir, h.dir)
		to := s.Bucket(t, "s3://bucket/"+k.prefix)
		fetch(t, h.lake.Depot(), "", func(name string, body io.Reader) {
			dir, err := to.Staging()
			if err != nil {
				t.Fatal(err)
			}
			staged := filepath.Join(dir, "copy")
			b, err := io.ReadAll(body)
			if err == nil {
				err = os.WriteFile(staged, b, 0o600)
			}
			if err == nil {
				err = to.Put(t.Context(), name, staged)
			}
			if err != nil {
				t.Fatal(err)
			}
		})
		kills = append(kills, k)
	}
	for round := range max(2, times/2) {
		h.put(event.AIRequest, 40+round, 40)
		h.put(event.ToolCall, 30, 41+round/2)
		h.run()
		h.drop(event.AIRequest)
		h.drop(event.ToolCall)
	}
	for _, edge := range Edges() {
		if seen[edge] < times {
			t.Errorf("%s was met %d times, want %d", edge, seen[edge], times)
		}
	}
	for _, k := range kills {
		t.Run(k.name, func(t *testing.T) {
			again := bucketHouse(t, k.dir, s, k.prefix)
			again.want("asked after the kill", again.asked(), k.acked)
			again.run()
			again.drop(event.AIRequest)
			again.drop(event.ToolCall)
			again.want("asked after the next run", again.asked(), k.acked)
			again.want("in the bucket", again.inBucket(), k.acked)
			if err := again.store.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}
