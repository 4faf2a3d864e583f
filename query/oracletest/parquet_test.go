package oracletest

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"math/big"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/duckdb/duckdb-go/v2"
)

// said is an answer as its JSON has it.
type said struct {
	Columns []struct{ Name, Type string }
	Rows    []map[string]any
}

// TestParquetIsWhatJSONIs asks every question of the catalog, and every panel of a page, as JSON and as
// Parquet that DuckDB reads: the same columns with types that fit, money exact, moments the same, and
// NULL where there is nothing.
func TestParquetIsWhatJSONIs(t *testing.T) {
	n := *seed
	if n == 0 {
		n = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d (give it back with -seed)", n)
	lines := filepath.Join(t.TempDir(), "events.ndjson")
	writeEvents(t, rand.New(rand.NewPCG(n, 1)), lines, 300)
	s, _, _ := start(t, lines)
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tables, cells := 0, 0
	for _, asked := range s.questions(t) {
		path, q := asked.Path, asked.values()
		switch {
		case path == "/v1/query":
			q.Set("metrics", "cost,requests,p95_duration_ms,last_seen")
			q.Set("by", "model,stream")
			q.Set("interval", "day")
		case strings.HasSuffix(path, "/journey"):
			q.Set("path", paths[1])
		case strings.HasPrefix(path, "/v1/agents/{"):
			path, q = "/v1/agents/show", with(q, "id", agents[1])
		case strings.Contains(path, "{"):
			continue
		case strings.HasSuffix(path, "/list") && slices.Contains(asked.Parameters, "limit"):
			q.Set("limit", "300")
		}
		body, err := s.get(path, q)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		var panels map[string]json.RawMessage
		if err := json.Unmarshal(body, &panels); err != nil {
			t.Fatal(err)
		}
		if panels["columns"] != nil {
			panels = map[string]json.RawMessage{"": body}
		}
		for panel, text := range panels {
			if q.Del("panel"); panel != "" {
				q.Set("panel", panel)
			}
			file := filepath.Join(t.TempDir(), "answer.parquet")
			content, err := s.get(path, with(q, "format", "parquet"))
			if err == nil {
				err = os.WriteFile(file, content, 0o600)
			}
			if err != nil {
				t.Fatalf("%s %s: %v", path, panel, err)
			}
			n, err := compareTable(db, file, text)
			if err != nil {
				t.Errorf("%s?%s: %v", path, q.Encode(), err)
			}
			tables, cells = tables+1, cells+n
		}
	}
	if tables < 50 || cells < 2000 {
		t.Errorf("%d tables, %d cells: too few to prove anything", tables, cells)
	}
	t.Logf("%d tables, %d cells compared", tables, cells)
}

func with(q url.Values, name, value string) url.Values {
	all := url.Values{name: {value}}
	for k, v := range q {
		if k != name {
			all[k] = v
		}
	}
	return all
}

// entry is a question that the catalog lists, and what it takes.
type entry struct {
	Path       string
	Parameters []string
}

// values are those of the range and the zone, where it takes them: some are always of the same time.
func (e *entry) values() url.Values {
	q := url.Values{}
	for name, value := range map[string]string{"since": firstDay.Format(time.RFC3339),
		"until": lastDay.Format(time.RFC3339), "tz": "America/St_Johns"} {
		if slices.Contains(e.Parameters, name) {
			q.Set(name, value)
		}
	}
	return q
}

// questions lists all.
func (s *server) questions(t *testing.T) []entry {
	t.Helper()
	body, err := s.get("/v1/catalog", nil)
	if err != nil {
		t.Fatal(err)
	}
	var c struct{ Questions []entry }
	if err := json.Unmarshal(body, &c); err != nil {
		t.Fatal(err)
	}
	return c.Questions
}

// types are what DuckDB calls the types of columns.
var types = map[string]string{"integer": "BIGINT", "number": "DOUBLE", "decimal": "DECIMAL", "boolean": "BOOLEAN",
	"string": "VARCHAR", "time": "TIMESTAMPTZ"}

func compareTable(db *sql.DB, file string, text []byte) (compared int, err error) {
	var want said
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&want); err != nil {
		return 0, err
	}
	rows, err := db.Query("SELECT * FROM read_parquet('" + file + "')")
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	columns, err := rows.ColumnTypes()
	if err != nil {
		return 0, err
	}
	if n := len(columns); n == len(want.Columns)+1 && columns[n-1].Name() == "sample_weight" {
		columns = columns[:n-1] // JSON leaves it out where nothing is in it
	}
	if len(columns) != len(want.Columns) {
		return 0, fmt.Errorf("%d columns, want %d", len(columns), len(want.Columns))
	}
	for i, c := range want.Columns {
		if got := columns[i]; got.Name() != c.Name || !strings.HasPrefix(got.DatabaseTypeName(), types[c.Type]) {
			return 0, fmt.Errorf("column %s is %s, want %s as %s", got.Name(), got.DatabaseTypeName(), c.Name, types[c.Type])
		}
	}
	n := 0
	for ; rows.Next(); n++ {
		values := make([]any, len(columns), len(columns)+1)
		to := make([]any, 0, len(columns)+1)
		for i := range values {
			to = append(to, &values[i])
		}
		all, err := rows.Columns()
		if err != nil {
			return compared, err
		}
		if len(all) > len(to) {
			to = append(to, new(any))
		}
		if err := rows.Scan(to...); err != nil {
			return compared, err
		}
		for i, c := range want.Columns {
			compared++
			if n >= len(want.Rows) || !sameCell(want.Rows[n][c.Name], values[i], c.Type) {
				return compared, fmt.Errorf("%s of row %d is %v, want %v", c.Name, n, values[i], want.Rows[n][c.Name])
			}
		}
	}
	if n != len(want.Rows) {
		return compared, fmt.Errorf("%d rows, want %d", n, len(want.Rows))
	}
	return compared, rows.Err()
}

func sameCell(want, got any, typ string) bool {
	if text, ok := want.(string); ok && text == "(other)" && typ != "string" {
		return got == nil // all the rest has no number
	}
	if want == nil || got == nil {
		return want == got
	}
	text := fmt.Sprint(want)
	switch got := got.(type) {
	case duckdb.Decimal:
		exact, ok := new(big.Rat).SetString(text)
		return ok && rational(got).Cmp(exact) == 0
	case time.Time:
		at, err := time.Parse(time.RFC3339Nano, text)
		return err == nil && at.Equal(got)
	case float64:
		n, err := json.Number(text).Float64()
		return err == nil && n == got
	case string:
		object, is := want.(map[string]any) // properties
		return got == text || is && len(object) > 0
	}
	return text == fmt.Sprint(got)
}
