package orders

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"analytics/engine/auth"
	"analytics/engine/columns/sample"
	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/engine/web"
)

var noon = time.Date(2026, 11, 20, 12, 30, 0, 0, time.UTC)

// shop is an office over a real store, with a key of each kind.
type shop struct {
	t      *testing.T
	store  *store.Store
	office *Office
	mux    *web.Mux
	now    time.Time
	keys   map[string]string
	told   *told
}

// told is what the audit trail hears.
type told struct {
	mu   sync.Mutex
	text bytes.Buffer // guarded by mu
}

func (a *told) record(_ context.Context, _ store.Tenant, text []byte) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.text.Write(text)
	return nil
}

// openOn opens a shop on a disk with so much room.
func openOn(t *testing.T, events int, quota int64, space func(string) (free, total int64, err error)) *shop {
	t.Helper()
	p := &shop{t: t, now: noon, keys: map[string]string{}, told: &told{}}
	now := func() time.Time { return p.now }
	var err error
	p.store, err = store.Open(t.Context(), store.Config{Space: space,
		Dir: t.TempDir(), MemTableSize: 8 << 20, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.store.Close() })
	source := sample.New(3)
	var b event.Batch
	var e event.Event
	for i := range events {
		source.Event(&e, event.AIRequest, event.MicrosOf(noon)-event.Micros(i+1)*60_000_000)
		e.Timed, e.Named = true, true
		b.Add(&e)
	}
	if _, err := p.store.Append(t.Context(), store.Default, &b); err != nil {
		t.Fatal(err)
	}
	ring, err := auth.Open(t.Context(), p.store, now)
	if err != nil {
		t.Fatal(err)
	}
	for name, k := range map[string]auth.NewKey{
		"export": {Name: "export", Tenant: store.Default, Scopes: auth.Scopes{auth.Export}},
		"query":  {Name: "query", Tenant: store.Default, Scopes: auth.Scopes{auth.Query}},
		"other":  {Name: "other", Tenant: store.Tenant{'o'}, Scopes: auth.Scopes{auth.Export}},
	} {
		if p.keys[name], _, err = ring.Create(t.Context(), k); err != nil {
			t.Fatal(err)
		}
	}
	p.mux = web.NewMux(web.Options{Keys: ring})
	p.office, err = Open(Config{Store: p.store, Dir: filepath.Join(t.TempDir(), "exports"),
		Record: p.told.record, Quota: quota, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.office.Close() })
	p.office.Routes(p.mux)
	return p
}

// TestOrderMayBeABody: what is posted is never passed over in silence.
func TestOrderMayBeABody(t *testing.T) {
	p := open(t, 1, 1<<20)
	for text, want := range map[string]string{
		`{"export_type":"parquet","format":"page_view","start_date":"2026-11-01","end_date":"2026-11-02"}`: `"type":"page_view","start_date":"2026-11-01`,
		" \n": `"export_type":"csv"`, `{}`: `"export_type":"csv"`,
		`{"export_type":"usage"}`: "unknown_format", `{"kind":"csv"}`: "unknown_parameter", `[1]`: "broken_json",
		`{"start_date":7}`: "broken_json", `export_type=csv`: "broken_json",
	} {
		r := httptest.NewRequest("POST", path, strings.NewReader(text))
		r.Header.Set("Authorization", "Bearer "+p.keys["export"])
		rec := httptest.NewRecorder()
		p.mux.ServeHTTP(rec, r)
		if !strings.Contains(rec.Body.String(), want) {
			t.Errorf("%s: got %d %s, want %s", text, rec.Code, rec.Body, want)
		}
	}
}

// ask asks with a key.
func (p *shop) ask(key, method, target string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	r.Header.Set("Authorization", "Bearer "+p.keys[key])
	rec := httptest.NewRecorder()
	p.mux.ServeHTTP(rec, r)
	return rec
}

// order orders and wants it taken.
func (p *shop) order(query string) (b body) {
	p.t.Helper()
	rec := p.ask("export", "POST", path+"?"+query)
	if err := json.Unmarshal(rec.Body.Bytes(), &b); err != nil || rec.Code != http.StatusAccepted {
		p.t.Fatalf("%s: %d %s", query, rec.Code, rec.Body)
	}
	return b
}

func (p *shop) get(id string) (b body) {
	p.t.Helper()
	rec := p.ask("export", "GET", path+"/"+id)
	if err := json.Unmarshal(rec.Body.Bytes(), &b); err != nil || rec.Code != http.StatusOK {
		p.t.Fatalf("%s: %d %s", id, rec.Code, rec.Body)
	}
	return b
}

func (p *shop) work() {
	for p.office.next(p.t.Context()) {
	}
}

func (p *shop) files() (names []string) {
	all, err := os.ReadDir(p.office.cfg.Dir)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, f := range all {
		names = append(names, f.Name())
	}
	return names
}

func TestAnOrderIsMadeAndFetched(t *testing.T) {
	p := open(t, 300, 0)
	f := func(query, file string, events func([]byte) int) {
		t.Helper()
		b := p.order(query)
		if b.State != Pending || b.ExportType != file || !isID(b.ID) {
			t.Errorf("%s: ordered %+v", query, b)
		}
		if rec := p.ask("export", "GET", path+"/"+b.ID+"/download"); rec.Code != http.StatusConflict {
			t.Errorf("%s: fetched too early: %d %s", query, rec.Code, rec.Body)
		}
		p.work()
		b = p.get(b.ID)
		if b.State != Completed || b.Progress != 1 || b.Total != 300 || b.Done != 300 || b.Download == nil {
			t.Fatalf("%s: made %+v", query, b)
		}
		rec := p.ask("export", "GET", *b.Download)
		if n := events(rec.Body.Bytes()); rec.Code != http.StatusOK || n != 300 || int64(rec.Body.Len()) != b.Bytes {
			t.Errorf("%s: %d, %d events, %d bytes of %d", query, rec.Code, n, rec.Body.Len(), b.Bytes)
		}
		if got := rec.Header().Get("Content-Type"); got != web.ContentType(file) {
			t.Errorf("%s is %s", query, got)
		}
	}
	table := func(b []byte) int {
		rows, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
		if err != nil {
			t.Error(err)
		}
		return len(rows) - 1
	}
	list := func(b []byte) int {
		var all []map[string]any
		if err := json.Unmarshal(b, &all); err != nil {
			t.Error(err)
		}
		return len(all)
	}
	f("export_type=csv&format=full&start_date=2026-11-01&end_date=2026-11-30", "csv", table)
	f("export_type=full&format=json", "json", list)
	f("format=ndjson", "ndjson", func(b []byte) int { return bytes.Count(b, []byte("\n")) })
	f("export_type=parquet&format=ai_request", "parquet", func(b []byte) int {
		if !bytes.HasPrefix(b, []byte("PAR1")) || !bytes.HasSuffix(b, []byte("PAR1")) {
			return 0
		}
		return 300 // DuckDB reads such files in retention/duckdbtest
	})
	f("", "csv", table)
	var all struct{ Exports []body }
	rec := p.ask("export", "GET", path)
	if err := json.Unmarshal(rec.Body.Bytes(), &all); err != nil || len(all.Exports) != 5 {
		t.Errorf("%v, %s", err, rec.Body)
	}
	for _, word := range []string{"export_ordered", "export_fetched", `"actor":"`} {
		if !strings.Contains(p.told.text.String(), word) {
			t.Errorf("the audit trail has no %s: %s", word, &p.told.text)
		}
	}
}

func TestDatesAreDaysAndBothAreIncluded(t *testing.T) {
	p := open(t, 1000, 0) // the newest is at 12:29 of the 20th, an event a minute
	f := func(query string, want int64) {
		t.Helper()
		b := p.order("format=ndjson&" + query)
		p.work()
		if b = p.get(b.ID); b.Total != want {
			t.Errorf("%s: %d events, want %d (%s to %s)", query, b.Total, want, b.Start, b.End)
		}
	}
	f("start_date=2026-11-20&end_date=2026-11-20", 750)
	f("start_date=2026-11-19&end_date=2026-11-19", 250)
	f("start_date=2026-11-20T12:00:00Z&end_date=2026-11-20T12:10:00Z", 10)
	f("start_date=2026-10-01&end_date=2026-10-02", 0)
}

func TestNobodyElseSeesAnOrder(t *testing.T) {
	p := open(t, 10, 0)
	b := p.order("")
	p.work()
	for _, route := range []string{"GET ", "GET /download", "DELETE "} {
		method, rest, _ := strings.Cut(route, " ")
		target := path + "/" + b.ID + rest
		if rec := p.ask("other", method, target); rec.Code != http.StatusNotFound {
			t.Errorf("another tenant: %s is %d %s", route, rec.Code, rec.Body)
		}
		if rec := p.ask("query", method, target); rec.Code != http.StatusForbidden {
			t.Errorf("without the scope export: %s is %d %s", route, rec.Code, rec.Body)
		}
	}
	if rec := p.ask("other", "GET", path); strings.Contains(rec.Body.String(), b.ID) {
		t.Errorf("another tenant lists %s", rec.Body)
	}
	for _, id := range []string{"..", "..%2f..%2fetc", strings.Repeat("a", 27), strings.ToUpper(b.ID), b.ID + ".csv"} {
		if rec := p.ask("export", "GET", path+"/"+id+"/download"); rec.Code == http.StatusOK {
			t.Errorf("%q is %d", id, rec.Code)
		}
	}
	if p.get(b.ID).State != Completed {
		t.Error("the order is gone")
	}
}

func TestAFileGoesWhenItExpiresOrIsDeleted(t *testing.T) {
	p := open(t, 10, 0)
	gone, kept := p.order(""), p.order("")
	p.work()
	if rec := p.ask("export", "DELETE", path+"/"+gone.ID); rec.Code != http.StatusNoContent {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	if got := p.files(); len(got) != 1 || got[0] != kept.ID+".csv" {
		t.Errorf("after a deletion there are %v", got)
	}
	foreign := filepath.Join(p.office.cfg.Dir, "notes.txt")
	if err := os.WriteFile(foreign, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	p.now = noon.Add(keep + time.Second)
	if rec := p.ask("export", "GET", path+"/"+kept.ID); rec.Code != http.StatusNotFound {
		t.Errorf("an expired one is %d", rec.Code)
	}
	if err := p.office.sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := p.files(); len(got) != 1 || got[0] != "notes.txt" {
		t.Errorf("after a day there are %v", got)
	}
}

func TestAnOrderSurvivesARestart(t *testing.T) {
	p := open(t, 10, 0)
	cut, waiting := p.order("export_type=json"), p.order("")
	_, cancel := context.WithCancel(t.Context())
	if _, err := p.office.begin(t.Context(), cancel); err != nil { // and the program ends here
		t.Fatal(err)
	}
	half := filepath.Join(p.office.cfg.Dir, cut.ID+".json"+partial)
	if err := os.WriteFile(half, []byte("[{"), 0o600); err != nil {
		t.Fatal(err)
	}
	again, err := Open(p.office.cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	p.office = again
	if err := again.resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := p.files(); len(got) != 0 {
		t.Errorf("the half file stays: %v", got)
	}
	p.work()
	for _, id := range []string{cut.ID, waiting.ID} {
		if o, err := again.find(store.Default, id); err != nil || o.State != Completed || o.Rows != 10 {
			t.Errorf("%+v, %v", o, err)
		}
	}
}

func TestAnOrderIsNotBegunForEver(t *testing.T) {
	p := open(t, 10, 0)
	b := p.order("")
	for range mostAttempts {
		if _, err := p.office.begin(t.Context(), func() {}); err != nil {
			t.Fatal(err)
		}
		if err := p.office.resume(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	p.work()
	if b = p.get(b.ID); b.State != Failed || b.Error == "" {
		t.Errorf("%+v", b)
	}
}

func TestLimitsOfOrdersSayWhichTheyAre(t *testing.T) {
	p := open(t, 300, 4<<10)
	b := p.order("")
	p.work()
	if b = p.get(b.ID); b.State != Failed || !strings.Contains(b.Error, "no room") {
		t.Errorf("over the quota: %+v", b)
	}
	if got := p.files(); len(got) != 0 {
		t.Errorf("a failed export leaves %v", got)
	}
	for range mostWaiting {
		p.order("")
	}
	if rec := p.ask("export", "POST", path); rec.Code != http.StatusTooManyRequests {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	f := func(query, code, field string) {
		t.Helper()
		rec := p.ask("export", "POST", path+"?"+query)
		if rec.Code != http.StatusBadRequest || !strings.Contains(rec.Body.String(), code) ||
			!strings.Contains(rec.Body.String(), `"field":"`+field+`"`) {
			t.Errorf("%s: %d %s", query, rec.Code, rec.Body)
		}
	}
	f("export_type=xls", "unknown_format", "export_type")
	f("format=half", "unknown_content", "format")
	f("type=nothing", "unknown_content", "type")
	f("start_date=yesterday", "invalid_time", "start_date")
	f("start_date=2026-11-02&end_date=2026-11-01", "invalid_range", "start_date")
	f("nonsense=1", "unknown_parameter", "nonsense")
	f("type=session&type=page_view", "invalid_parameter", "type")
}

func TestRunMakesWhatIsOrderedMeanwhile(t *testing.T) {
	p := open(t, 10, 0)
	ctx, cancel := context.WithCancel(t.Context())
	var run sync.WaitGroup
	run.Go(func() {
		if err := p.office.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	b := p.order("")
	for deadline := time.Now().Add(10 * time.Second); p.get(b.ID).State != Completed; {
		if time.Now().After(deadline) {
			t.Fatalf("%+v", p.get(b.ID))
		}
	}
	cancel()
	run.Wait()
}

func FuzzOrder(f *testing.F) {
	f.Add("0123/aaaaaaaaaaaaaaaaaaaaaaaaaa", []byte(`{"id":"a"}`))
	f.Add("64656661756c7400/aaaaaaaaaaaaaaaaaaaaaaaaaa",
		[]byte(`{"id":"aaaaaaaaaaaaaaaaaaaaaaaaaa","kind":"event","file":"csv"}`))
	f.Fuzz(func(t *testing.T, key string, value []byte) {
		if o, err := parse(key, value); err == nil && (!isID(o.ID) || !isFile(o.File)) {
			t.Errorf("%q %q is %+v", key, value, o)
		}
	})
}
