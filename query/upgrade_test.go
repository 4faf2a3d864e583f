package query

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/query/answer"
)

// makeOld writes testdata/format1 anew. What is there was written by a program that knew format 1 and
// nothing else, which is what makes it worth keeping.
var makeOld = flag.Bool("make-old", false, "write the folder of an old format anew")

// asked are questions whose answers an upgrade must not change.
var asked = []Question{
	{Metrics: []string{"requests", "cost", "input_tokens", "p95_duration_ms", "users"}},
	{Metrics: []string{"requests", "cost", "p50_duration_ms", "error_rate"}, By: []string{"model"}, Interval: "day"},
	{Metrics: []string{"page_views", "visitors"}, By: []string{"path"}, Interval: "month"},
	{Metrics: []string{"requests", "tool_calls", "agent_tasks", "activities"}, Interval: "hour"},
	{Metrics: []string{"tool_calls", "success_rate"}, By: []string{"tool"}, Filter: "success==true"},
	{Metrics: []string{"sessions", "avg_session_seconds", "bounce_rate"}, Interval: "week"},
	{Metrics: []string{"events"}, By: []string{"type"}, TZ: "Europe/Berlin", Interval: "day"},
	{Metrics: []string{"avg_time_on_page_seconds", "clicks"}, By: []string{"site"}, Compare: "previous"},
}

// oldDays are the ages in days of what is in the folder of the old format: of the first two the events
// are gone, and one got late events afterwards.
var oldDays = []int{380, 200, 45, 44, 2, 1, 0}

// answers asks every question about the whole of the folder, day by day and as it is stored.
func (w *world) answers() []byte {
	w.t.Helper()
	var out bytes.Buffer
	for _, q := range asked {
		for _, days := range []int{390, 50} {
			if q.From, q.To = noon.AddDate(0, 0, -days), noon; q.Interval != "hour" {
				q.From = q.From.Truncate(24 * time.Hour)
			} else if days > 50 {
				continue // more hours than an answer has
			}
			a, err := w.desk.Answer(context.Background(), store.Default, q)
			if err != nil {
				w.t.Fatalf("%+v: %v", q, err)
			}
			a.Rows = slices.DeleteFunc(a.Rows, empty)
			a.Meta.Elapsed, a.Meta.Sources = 0, answer.Sources{} // how it was read is free to change
			text, err := json.Marshal(a)
			if err != nil {
				w.t.Fatal(err)
			}
			out.Write(append(text, '\n'))
		}
	}
	return out.Bytes()
}

// empty says of a row that it has no number but zeros.
func empty(row []any) bool {
	return !slices.ContainsFunc(row, func(v any) bool {
		switch v := v.(type) {
		case int64:
			return v != 0
		case float64:
			return v != 0
		case event.NanoUSD:
			return v != 0
		}
		return false
	})
}

// live makes the days of the old folder go by: events, sealing, merging, days, and what was dropped.
func (w *world) live() {
	w.t.Helper()
	ctx := context.Background()
	must := func(err error) {
		if err != nil {
			w.t.Fatal(err)
		}
	}
	put := func(r *rand.Rand, day, n int) {
		for range n {
			at := noon.AddDate(0, 0, -day).Add(-time.Duration(r.Int64N(int64(11 * time.Hour))))
			w.random(r, at)
		}
		w.commit()
	}
	r := rand.New(rand.NewPCG(11, 4))
	for _, day := range oldDays {
		put(r, day, 25)
		w.seal(noon.Add(-time.Hour))
	}
	w.daily()
	for _, kind := range event.Kinds() {
		before := event.MicrosOf(noon.AddDate(0, 0, -90)).Hour()
		_, err := w.store.Drop(ctx, store.Default, kind, 0, before)
		must(err)
	}
	put(r, 200, 9)
	w.seal(noon.AddDate(0, 0, -2))
	for _, d := range w.store.Crowded() {
		_, err := w.store.Merge(ctx, d.Tenant, d.Kind, d.First)
		must(err)
	}
	w.daily()
	put(r, 0, 9) // these stay in the journal
	w.daily()
}

func TestAFolderOfFormat1AnswersAsItDid(t *testing.T) {
	folder, golden := filepath.Join("testdata", "format1.tar.gz"), filepath.Join("testdata", "format1.json")
	cfg := Config{Timezone: "UTC"}
	if *makeOld {
		dir := t.TempDir()
		w := worldIn(t, cfg, dir)
		w.live()
		if err := os.WriteFile(golden, w.answers(), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := w.store.Close(); err != nil {
			t.Fatal(err)
		}
		packFolder(t, dir, folder)
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	w := worldIn(t, cfg, unpackFolder(t, folder))
	same := func(what string) {
		t.Helper()
		got, lines := strings.Split(string(w.answers()), "\n"), strings.Split(string(want), "\n")
		for i := range lines {
			if i >= len(got) || got[i] != lines[i] {
				t.Errorf("%s, answer %d:\ngot  %s\nwant %s", what, i, got[i], lines[i])
			}
		}
	}
	same("opened")
	for _, kind := range event.Kinds() { // the first step beyond format 1
		w.condense(kind)
	}
	w.daily()
	same("with days in the place of hours")
	if problems, err := w.store.Verify(t.Context(), nil); err != nil || len(problems) > 0 {
		t.Errorf("verify: %v %v", problems, err)
	}
}

// packFolder and unpackFolder write and read a folder as one file.
func packFolder(t *testing.T, dir, path string) {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	a := tar.NewWriter(z)
	err := errors.Join(a.AddFS(os.DirFS(dir)), a.Close(), z.Close())
	if err = errors.Join(err, os.WriteFile(path, b.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
}

func unpackFolder(t *testing.T, path string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	for a := tar.NewReader(z); ; {
		h, err := a.Next()
		if err == io.EOF {
			return dir
		}
		if err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(dir, filepath.FromSlash(h.Name))
		if h.FileInfo().IsDir() {
			err = os.MkdirAll(to, 0o700)
		} else if data, rerr := io.ReadAll(a); rerr != nil {
			err = rerr
		} else if err = os.MkdirAll(filepath.Dir(to), 0o700); err == nil {
			err = os.WriteFile(to, data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
