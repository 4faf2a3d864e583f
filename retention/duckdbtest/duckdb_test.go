package duckdbtest

import (
	"database/sql"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/duckdb/duckdb-go/v2"

	"analytics/engine/columns/sample"
	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/engine/store/storetest"
	"analytics/retention/export"
)

var noon = time.Date(2026, 11, 20, 12, 30, 0, 0, time.UTC)

// perKind is how many events of each kind are exported: enough for two row groups of AI requests.
func perKind(kind event.Kind) int {
	if kind == event.AIRequest {
		return 100_000
	}
	return 3_000
}

// sums are what DuckDB must find: of every whole number, length of time and amount of money.
type sums struct {
	rows        int64
	total       map[string]*big.Int // in the unit that is kept
	set         map[string]int64    // how many are not null
	first, last event.Micros
}

func (s *sums) add(name string, v int64) {
	if s.total[name] == nil {
		s.total[name] = new(big.Int)
	}
	s.total[name].Add(s.total[name], big.NewInt(v))
	s.set[name]++
}

// of adds an event up under the names it has outside.
func (s *sums) of(e *event.Event) {
	if s.rows == 0 || e.Time() < s.first {
		s.first = e.Time()
	}
	s.last = max(s.last, e.Time())
	s.rows++
	tokens := func(name string, fields ...int) {
		sum, any := int64(0), false
		for _, f := range fields {
			sum += e.Int(f)
			any = any || e.Has(f)
		}
		if any {
			s.add(name, sum)
		}
	}
	for i, f := range e.Kind.Fields() {
		switch {
		case e.Kind == event.AIRequest && i == event.AIInputUncachedTokens:
			tokens("input_tokens", i, event.AICacheReadTokens, event.AICacheWriteTokens,
				event.AICacheWrite1hTokens, event.AIAudioInputTokens)
		case e.Kind == event.AIRequest && i == event.AICacheWriteTokens:
			tokens("cache_write_tokens", i, event.AICacheWrite1hTokens)
		case e.Kind == event.AIRequest && i == event.AIOutputTextTokens:
			tokens("output_tokens", i, event.AIReasoningTokens, event.AIAudioOutputTokens)
		case e.Kind == event.AIRequest && i == event.AIClientCost:
			tokens("cost_usd", i)
		case f.Transient || !e.Has(i):
		case f.Type == event.Int || f.Type == event.Money || f.Type == event.Millis:
			s.add(f.Name, e.Int(i))
		}
	}
}

// write exports events of a kind and says what is in them.
func write(t *testing.T, kind event.Kind) (path string, s *sums) {
	t.Helper()
	st, err := store.Open(t.Context(), store.Config{Space: storetest.Room, Dir: t.TempDir(),
		Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	source := sample.New(11)
	s = &sums{total: map[string]*big.Int{}, set: map[string]int64{}}
	n := perKind(kind)
	var b event.Batch
	var e event.Event
	for i := range n {
		at := noon.Add(-time.Duration(n-i) * (48 * time.Hour / time.Duration(n)))
		source.Event(&e, kind, event.MicrosOf(at))
		if kind == event.AIRequest && i%3 == 0 {
			e.SetInt(event.AIClientCost, int64(i)*1_000_003)
		}
		s.of(&e)
		b.Add(&e)
		if b.Len() == 5000 || i == n-1 {
			if _, err := st.Append(t.Context(), store.Default, &b); err != nil {
				t.Fatal(err)
			}
			b.Reset()
		}
	}
	if _, err := st.Seal(t.Context(), event.MicrosOf(noon).Hour()-3, false); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), kind.String()+".parquet")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	x, err := export.Open(st, export.Request{Tenant: store.Default, Kind: kind,
		From: noon.AddDate(0, 0, -3), To: noon, Format: "parquet"})
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	if rows, err := x.Write(t.Context(), f); err != nil || rows != int64(n) {
		t.Fatalf("%d rows, %v; want %d", rows, err, n)
	}
	return path, s
}

// wantType is the type DuckDB must see for a field.
func wantType(t event.Type) (duck string, scale int) {
	switch t {
	case event.Time:
		return "TIMESTAMP WITH TIME ZONE", 0
	case event.Int:
		return "BIGINT", 0
	case event.Float:
		return "DOUBLE", 0
	case event.Bool:
		return "BOOLEAN", 0
	case event.Money:
		return "DECIMAL(18,9)", 9
	case event.Millis:
		return "DECIMAL(18,3)", 3
	}
	return "VARCHAR", 0
}

func TestDuckDBReadsExports(t *testing.T) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, kind := range event.Kinds() {
		path, want := write(t, kind)
		checkTypes(t, db, kind, path)
		checkSums(t, db, kind, path, want)
	}
}

// columnsOf says what DuckDB makes of a file: names and types.
func columnsOf(t *testing.T, db *sql.DB, path string) map[string]string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(),
		"SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM read_parquet(?))", path)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	types := map[string]string{}
	for rows.Next() {
		var name, typ string
		if err := rows.Scan(&name, &typ); err != nil {
			t.Fatal(err)
		}
		types[name] = typ
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return types
}

func checkTypes(t *testing.T, db *sql.DB, kind event.Kind, path string) {
	t.Helper()
	got := columnsOf(t, db, path)
	want := map[string]string{}
	for i, f := range kind.Fields() {
		if f.Transient {
			continue
		}
		name := f.Name
		if kind == event.AIRequest {
			switch i {
			case event.AIInputUncachedTokens:
				name = "input_tokens"
			case event.AIOutputTextTokens:
				name = "output_tokens"
			case event.AIClientCost:
				name = "cost_usd"
			}
		}
		want[name], _ = wantType(f.Type)
	}
	for name, typ := range want {
		if got[name] != typ {
			t.Errorf("%s.%s is %q in DuckDB, want %q", kind, name, got[name], typ)
		}
	}
	for name := range got {
		if want[name] == "" {
			t.Errorf("%s has a column %s too many", kind, name)
		}
	}
}

// checkSums compares counts, sums and the span of time. Sums come as text, so that no float is
// between them and the numbers.
func checkSums(t *testing.T, db *sql.DB, kind event.Kind, path string, want *sums) {
	t.Helper()
	var rows, ids, first, last int64
	err := db.QueryRowContext(t.Context(), "SELECT count(*), count(DISTINCT id), "+
		"epoch_us(min(timestamp)), epoch_us(max(timestamp)) FROM read_parquet(?)", path).
		Scan(&rows, &ids, &first, &last)
	if err != nil {
		t.Fatal(err)
	}
	if rows != want.rows || ids != want.rows || event.Micros(first) != want.first ||
		event.Micros(last) != want.last {
		t.Errorf("%s: %d rows, %d ids, %d to %d; want %d, %d to %d", kind, rows, ids, first, last,
			want.rows, want.first, want.last)
	}
	if kind == event.AIRequest && len(want.total) < 10 {
		t.Errorf("only %d columns of an AI request have a sum", len(want.total))
	}
	for name, total := range want.total {
		number, ok := kind.Field(name)
		scale := 0
		if ok && name != "cost_usd" {
			_, scale = wantType(kind.Fields()[number].Type)
		} else if name == "cost_usd" {
			scale = 9
		}
		var sum string
		var set int64
		err := db.QueryRowContext(t.Context(), fmt.Sprintf(
			"SELECT CAST(sum(%q) AS VARCHAR), count(%q) FROM read_parquet(?)", name, name), path).
			Scan(&sum, &set)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.ReplaceAll(sum, ".", ""); scaled(sum) != scale ||
			trim(got) != total.String() || set != want.set[name] {
			t.Errorf("%s: sum(%s) is %s of %d, want %s x 10^-%d of %d", kind, name, sum, set, total,
				scale, want.set[name])
		}
	}
}

// scaled is how many digits stand behind the point.
func scaled(text string) int {
	_, rest, _ := strings.Cut(text, ".")
	return len(rest)
}

// trim takes off leading zeros.
func trim(digits string) string {
	if digits = strings.TrimLeft(digits, "0"); digits == "" {
		return "0"
	}
	return digits
}
