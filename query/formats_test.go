package query

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"analytics/engine/event"
	"analytics/query/catalog"
	"analytics/query/listing"
)

// table is an answer as its JSON says it, with numbers as they are written.
type table struct {
	Columns []struct {
		Name, Kind string
		Type       catalog.Type
		Unit       string
	}
	Rows []map[string]any
	Meta struct{ TZ string }
}

// Every verb, and every panel of a page, is the same table as Arrow and as JSON: money exact, moments
// in the zone that was asked for, and nothing where there is nothing, which is no zero.
func TestArrowIsWhatJSONIs(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	w := randomWorld(t, rand.New(rand.NewPCG(seed, 12)), 1500)
	w.daily()
	w.funnel("alpha", "page:*", "event:*")
	nulls, money, moments := 0, 0, 0
	for i := range Verbs() {
		v := &Verbs()[i]
		q := url.Values{"since": {"12d"}, "tz": {"Asia/Kathmandu"}}
		if v.Fixed {
			q = url.Values{}
		}
		switch v.Operand {
		case "metrics":
			q.Set("metrics", "cost,requests,p95_duration_ms,last_seen")
			q.Set("by", "model,status_code,stream")
			q.Set("compare", "previous")
		case "path":
			q.Set("path", "/pricing")
		case "id":
			q.Set("id", "alpha")
		}
		if v.List {
			q.Set("limit", "700")
			q.Set("fields", "all")
		}
		if v.Trail {
			continue // a tree as JSON, and in the other formats the steps of it
		}
		names := []string{""}
		for _, p := range v.Panels {
			names = append(names, p.Name)
		}
		for _, panel := range names[min(1, len(v.Panels)):] {
			if panel != "" {
				q.Set("panel", panel)
			}
			want := w.table(v.Path(), q, panel)
			rec := w.arrow(v.Path(), q)
			n, m, at := same(t, v.Path()+" "+panel, want, rec)
			nulls, money, moments = nulls+n, money+m, moments+at
		}
	}
	if nulls == 0 || money == 0 || moments == 0 {
		t.Errorf("%d nulls, %d sums of money, %d moments: too few to prove anything", nulls, money, moments)
	}
}

// table asks for JSON; of a page for the one panel.
func (w *world) table(path string, q url.Values, panel string) (a table) {
	w.t.Helper()
	_, _, body := w.ask("GET", path+"?"+q.Encode())
	if panel != "" {
		var page map[string]json.RawMessage
		if err := json.Unmarshal([]byte(body), &page); err != nil || len(page) != 1 {
			w.t.Fatalf("%s %s: %v: %.300s", path, panel, err, body)
		}
		body = string(page[panel])
	}
	d := json.NewDecoder(strings.NewReader(body))
	d.UseNumber()
	if err := d.Decode(&a); err != nil || a.Columns == nil {
		w.t.Fatalf("%s %s: %v: %.300s", path, panel, err, body)
	}
	return a
}

// arrow asks for Arrow; a short answer is one record at most.
func (w *world) arrow(path string, q url.Values) arrow.Record {
	w.t.Helper()
	q = maps.Clone(q)
	q.Set("format", "arrow")
	_, _, body := w.ask("GET", path+"?"+q.Encode())
	r, err := ipc.NewReader(strings.NewReader(body))
	if err != nil {
		w.t.Fatalf("%s: %v: %.300s", path, err, body)
	}
	if r.Next() {
		return r.Record()
	}
	return array.NewRecordBuilder(memory.DefaultAllocator, r.Schema()).NewRecord()
}

// same compares two tables and counts what of interest was in them.
func same(t *testing.T, name string, want table, rec arrow.Record) (nulls, money, moments int) {
	t.Helper()
	cols := int(rec.NumCols())
	if cols > 0 && rec.ColumnName(cols-1) == listing.Weight && rec.Column(cols-1).NullN() == int(rec.NumRows()) {
		cols = min(cols, len(want.Columns)) // JSON leaves it out where nothing is in it
	}
	if cols != len(want.Columns) || int(rec.NumRows()) != len(want.Rows) {
		t.Errorf("%s: %d × %d cells, want %d × %d", name, rec.NumRows(), cols, len(want.Rows),
			len(want.Columns))
		return
	}
	for i, c := range want.Columns {
		field := rec.Schema().Field(i)
		unit, _ := field.Metadata.GetValue("unit")
		typ := typeNamed(c.Type, want.Meta.TZ)
		if field.Name != c.Name || field.Type.String() != typ || unit != c.Unit {
			t.Errorf("%s: column %s is %s in %q, want %s in %q", name, field.Name, field.Type, unit, typ, c.Unit)
			return
		}
		for row := range want.Rows {
			cell, got := want.Rows[row][c.Name], rec.Column(i)
			if text, ok := cell.(string); ok && text == "(other)" && c.Type != catalog.String {
				continue // all the rest has no number
			}
			if cell == nil != got.IsNull(row) || cell != nil && !equal(cell, got, row) {
				t.Errorf("%s: %s of row %d is %s, want %v", name, c.Name, row, got.ValueStr(row), cell)
				return
			}
			switch {
			case cell == nil:
				nulls++
			case c.Type == catalog.Decimal:
				money++
			case c.Type == catalog.Time:
				moments++
			}
		}
	}
	return nulls, money, moments
}

func typeNamed(t catalog.Type, zone string) string {
	return map[catalog.Type]string{
		catalog.Integer: "int64", catalog.Number: "float64", catalog.Decimal: "decimal(19, 9)",
		catalog.Boolean: "bool", catalog.String: "utf8", catalog.Time: "timestamp[us, tz=" + zone + "]",
	}[t]
}

// equal compares a cell of JSON with one of Arrow.
func equal(cell any, col arrow.Array, row int) bool {
	text := fmt.Sprint(cell)
	switch col := col.(type) {
	case *array.Decimal128: // the same digits, not nearly the same number
		whole, digits, _ := strings.Cut(text, ".")
		return col.Value(row).ToString(9) == whole+"."+digits+strings.Repeat("0", 9-len(digits))
	case *array.Timestamp:
		at, err := time.Parse(time.RFC3339Nano, text)
		return err == nil && at.UnixMicro() == int64(col.Value(row))
	case *array.Float64:
		n, err := json.Number(text).Float64()
		return err == nil && n == col.Value(row)
	case *array.String:
		object, is := cell.(map[string]any)
		return text == col.Value(row) || is && len(object) > 0
	}
	return text == col.ValueStr(row)
}

// TestAPageIsATableInEveryFormat: a line for each number, money to the last digit beside the number, and of
// one thing its fields.
func TestAPageIsATableInEveryFormat(t *testing.T) {
	w := newWorld(t, Config{})
	e := w.begin(event.AIRequest, noon.Add(-time.Hour))
	e.SetText(event.AIModel, []byte("m"))
	e.SetInt(event.AICost, 1_000_000_001)
	w.add()
	e = w.begin(event.PageView, noon.Add(-time.Hour))
	e.SetText(event.PageSite, []byte("a.example"))
	e.SetText(event.SessionID, []byte("s1"))
	w.add()
	w.commit()
	rec := w.arrow("/v1/overview", url.Values{})
	line := -1
	for i := range int(rec.NumRows()) {
		if rec.Column(0).ValueStr(i) == "models" && rec.Column(2).ValueStr(i) == "cost" {
			line = i
		}
	}
	if line < 0 || rec.Column(1).ValueStr(line) != "m" || rec.Column(3).(*array.Float64).Value(line) != 1.000000001 ||
		rec.Column(4).ValueStr(line) != "1.000000001" {
		t.Errorf("line %d of %v", line, rec)
	}
	for target, want := range map[string]string{
		"/v1/overview?format=parquet":              "PAR1",
		"/v1/overview?format=csv":                  "models,m,cost,1.000000001\r\n",
		"/v1/sessions/show?id=s1&format=csv":       "session,,site,a.example\r\n",
		"/v1/sessions/show?id=s1&format=ndjson":    `{"section":"session","item":null,"metric":"client","value":"web"}`,
		"/v1/sessions/show?id=s1&format=parquet":   "PAR1",
		"/v1/performance/stats?format=arrow&raw=1": "value",
	} {
		if status, _, body := w.ask("GET", target); status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%s: %d %.300s, want %s", target, status, body, want)
		}
	}
}

// A panel of a page is asked for by its name, and the page says which there are.
func TestPagesAreAskedForByPanel(t *testing.T) {
	w := newWorld(t, Config{})
	w.request()
	for target, want := range map[string]string{
		"/v1/overview?format=parquet&panel=nothing":                   "unknown_panel",
		"/v1/overview?panel=nothing":                                  "unknown_panel",
		"/v1/agents/show?id=nobody&panel=models&format=csv":           "not_found",
		"/v1/overview?panel=pages&filter=model==m&format=parquet":     "invalid_combination",
		"/v1/overview?format=csv&panel=models":                        "model,cost,requests",
		"/v1/overview?format=csv&panel=models&filter=model==m":        "m,,1",
		"/v1/overview?panel=models":                                   `{"models":{"columns"`,
		"/v1/overview?format=csv&panel=trend&interval=day":            "2026-11-19T00:00:00Z,0,0,0",
		"/v1/overview?format=csv&panel=models&interval=day":           "unknown_parameter",
		"/v1/overview?format=csv&panel=models&compare=previous":       "model,cost,cost_previous,cost_change",
		"/v1/overview?format=csv&panel=trend&limit=3":                 "unknown_parameter",
		"/v1/overview?panel=trend&by=model":                           "unknown_parameter",
		"/v1/sessions/show?id=x&compare=year":                         "unknown_parameter",
		"/v1/overview?format=ndjson&panel=requests&since=1h&model=no": `"requests":0`,
	} {
		if _, _, body := w.ask("GET", target); !strings.Contains(body, want) {
			t.Errorf("%s: %.300s, want %s", target, body, want)
		}
	}
	var pages []string
	for i := range Verbs() {
		if v := &Verbs()[i]; len(v.Panels) > 0 {
			pages = append(pages, v.Path())
		}
	}
	for _, path := range []string{"/v1/overview", "/v1/agents/show", "/v1/tools/show"} {
		if !slices.Contains(pages, path) {
			t.Errorf("%s is no page", path)
		}
	}
}
