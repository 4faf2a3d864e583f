package query

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow/ipc"

	"analytics/engine/event"
	"analytics/engine/store"
)

// many fills the world with failed requests, some of the head, that all have a long message.
func (w *world) many(n int) {
	message := bytes.Repeat([]byte("x"), 300)
	for i := range n {
		e := w.begin(event.AIRequest, noon.Add(-time.Duration(n-i)*time.Second))
		e.SetText(event.AIModel, fmt.Appendf(nil, "m%d", i%3))
		e.SetText(event.AIErrorMessage, message)
		if w.add(); w.batch.Len() == 5000 {
			w.commit()
		}
	}
	w.commit()
	w.seal(noon.Add(-time.Hour))
}

// A list of events of several types at the same moments, taken at once, is what its pages are.
func TestDownloadsAreWhatPagesAre(t *testing.T) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 11))
	w := newWorld(t, Config{})
	for i := range 900 {
		w.random(r, noon.Add(-time.Duration(r.IntN(9))*17*time.Minute))
		if i%100 == 99 {
			w.commit()
		}
		if i%300 == 299 {
			w.seal(noon.Add(-time.Duration(2-i/300) * time.Hour)) // and what comes later is late
		}
	}
	w.commit()
	for _, filter := range []string{"", "project==alpha", "user_id!=", "trace_id==v2"} {
		l := Listing{Filter: filter, From: noon.Add(-5 * time.Hour), To: noon, IncludeBots: true,
			Fields: []string{"timestamp", "type", "id", "subject"}}
		got := fmt.Sprint(w.download(l))
		var pages [][]any
		for l.Limit = 7; ; {
			page, err := w.desk.List(context.Background(), store.Default, l)
			if err != nil {
				t.Fatal(err)
			}
			pages = append(pages, page.Rows...)
			if l.Cursor = page.Meta.Next; l.Cursor == "" {
				break
			}
		}
		if want := fmt.Sprint(pages); got != want || len(pages) < 20 {
			t.Errorf("seed %d, %q:\ngot  %s\nwant %s", seed, filter, got, want)
		}
	}
}

func TestListsInFilesHaveNoLimit(t *testing.T) {
	w := newWorld(t, Config{})
	w.many(12_000)
	f := func(query string, want int) {
		t.Helper()
		status, _, body := w.ask("GET", "/v1/requests/list?since=2d&fields=timestamp,id"+query)
		rows := strings.Count(body, "event-")
		if status != http.StatusOK || rows != want {
			t.Errorf("%s: %d, %d rows, want %d", query, status, rows, want)
		}
	}
	f("", 50)
	f("&limit=10000", 10_000)
	f("&format=csv", 12_000)
	f("&format=ndjson", 12_000)
	f("&format=csv&limit=11000", 11_000)
	f("&format=csv&limit=7", 7)
	f("&format=ndjson&filter=id==event-00000009", 1)
	_, head, _ := w.ask("GET", "/v1/requests/list?since=2d&fields=id&limit=11000&format=csv")
	if got := head.Get(NextHeader); got != "" { // not known before the rows are written
		t.Errorf("a long list goes on at %q", got)
	}
	_, head, _ = w.ask("GET", "/v1/requests/list?since=2d&fields=id&limit=9000&format=csv")
	f("&format=ndjson&cursor="+head.Get(NextHeader), 3000)
	path := filepath.Join(t.TempDir(), "out.json")
	if out := w.shell("requests", "list", "--since", "2d", "--export", path); !strings.Contains(out, "note: json has the 10000") {
		t.Errorf("a file that is not whole: %s", out)
	}
	status, _, body := w.ask("GET", "/v1/requests/list?since=2d&limit=10001")
	if status != http.StatusBadRequest || !strings.Contains(body, `"too_many_rows"`) {
		t.Errorf("a long list as json: %d %s", status, body)
	}
	_, _, body = w.ask("GET", "/v1/requests/list?since=2d&fields=id,model&format=arrow")
	r, err := ipc.NewReader(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	rows := int64(0)
	for r.Next() {
		rows += r.Record().NumRows()
	}
	if r.Err() != nil || rows != 12_000 {
		t.Errorf("arrow has %d rows, %v", rows, r.Err())
	}
	_, _, body = w.ask("GET", "/v1/requests/list?since=2d&fields=id,model&format=parquet")
	if !strings.HasPrefix(body, "PAR1") || !strings.HasSuffix(body, "PAR1") {
		t.Errorf("%d bytes of no Parquet", len(body))
	}
	if n := len(w.desk.downloads); n != 0 {
		t.Errorf("%d places stay taken", n)
	}
}

// What is wrong is told as an error, not by half a file, also where nothing is read before.
func TestDownloadsTellWhatIsWrong(t *testing.T) {
	w := newWorld(t, Config{})
	for query, code := range map[string]string{
		"filter=nothing==1": "invalid_filter", "fields=nothing": "unknown_field", "since=400y": "invalid_range",
		"cursor=abc": "invalid_cursor", "limit=0": "invalid_parameter",
	} {
		if status, _, body := w.ask("GET", "/v1/events?format=csv&"+query); status != 400 || !strings.Contains(body, code) {
			t.Errorf("%s: %d %s", query, status, body)
		}
	}
	for range cap(w.desk.downloads) {
		w.desk.downloads <- struct{}{}
	}
	status, head, body := w.ask("GET", "/v1/events?format=parquet")
	if status != http.StatusTooManyRequests || !strings.Contains(body, `"too_many_downloads"`) ||
		head.Get("Content-Type") != "application/json" || head.Get("Content-Disposition") != "" {
		t.Errorf("one too many: %d %s %s", status, head, body)
	}
	if status, _, _ := w.ask("GET", "/v1/events?format=parquet&limit=100"); status != http.StatusOK {
		t.Errorf("a short list waits for downloads: %d", status)
	}
}

// Who leaves in the middle takes the scan with them: the rest of the events is not read.
func TestDownloadsStopWhenTheClientLeaves(t *testing.T) {
	w := newWorld(t, Config{})
	w.many(60_000)
	ctx, leave := context.WithCancel(t.Context())
	a, err := w.desk.List(ctx, store.Default, Listing{From: noon.Add(-48 * time.Hour), To: noon, Streamed: true})
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	err = a.More(func([]any) error {
		if rows++; rows == 10 {
			leave()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) || rows > 2000 {
		t.Errorf("%v after %d rows", err, rows)
	}
	_, url := w.served()
	ctx, leave = context.WithCancel(t.Context())
	for _, format := range []string{"csv", "ndjson", "arrow"} {
		target := url + "/v1/events?since=2d&type=ai_request&fields=all&format=" + format
		r, err := http.NewRequestWithContext(ctx, "GET", target, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if _, err := io.ReadFull(resp.Body, make([]byte, 1000)); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(w.desk.downloads); n != 3 { // 18 MB and more each: no socket takes that in advance
		t.Errorf("%d downloads are under way, want 3", n)
	}
	leave()
	for range cap(w.desk.downloads) {
		w.desk.downloads <- struct{}{} // all places become free, or the test hangs
	}
}

// A question with more rows than are made at once is written while they are made, and as json refused.
func TestLongAnswersAreStreamed(t *testing.T) {
	w := newWorld(t, Config{})
	w.many(100)
	q := "/v1/query?metrics=requests,cost&by=model&interval=hour&days=20&tz=Asia/Kolkata&compare=previous"
	_, _, whole := w.ask("GET", q+"&format=csv")
	w.desk.limits.Answer = 100
	_, _, streamed := w.ask("GET", q+"&format=csv")
	lines, err := csv.NewReader(strings.NewReader(streamed)).ReadAll()
	if streamed != whole || err != nil || len(lines) != 1+3*(19*24+18) {
		t.Errorf("%d lines, %v; the same: %t", len(lines), err, streamed == whole)
	}
	for _, target := range []string{q, q + "&format=csv&smooth=3", q + "&format=arrow&by=model&other=1&limit=1",
		"/v1/query?metrics=requests&interval=hour&days=20&order=-requests&format=csv"} {
		target = strings.Replace(target, "&by=model", "", strings.Count(target, "&by=model")-1)
		status, _, body := w.ask("GET", target)
		if status != http.StatusBadRequest || !strings.Contains(body, `"too_many_rows"`) {
			t.Errorf("%s: %d %.200s", target, status, body)
		}
	}
}

func TestAcceptOfEventsIsOfJSON(t *testing.T) {
	w := newWorld(t, Config{})
	r := httptest.NewRequest("GET", "/v1/query?metrics=nothing", nil)
	r.Header.Set("Accept", "text/csv, text/event-stream")
	rec := httptest.NewRecorder()
	w.mux().ServeHTTP(rec, local(r))
	if !strings.Contains(rec.Body.String(), "unknown_metric") {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
}
