package oracletest

import (
	"database/sql"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/duckdb/duckdb-go/v2"
)

var (
	questions = flag.Int("questions", 400, "how many random questions are asked")
	events    = flag.Int("events", 6000, "how many events of each kind there are")
	seed      = flag.Uint64("seed", 0, "seed of events and questions; 0 takes one from the clock")
)

// TestAnswersAreDuckDBs asks random questions over every kind, dimension, operator, zone and interval.
func TestAnswersAreDuckDBs(t *testing.T) {
	n := *seed
	if n == 0 {
		n = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d (give it back with -seed)", n)
	r := rand.New(rand.NewPCG(n, 0))
	lines := filepath.Join(t.TempDir(), "events.ndjson")
	writeEvents(t, r, lines, *events)
	s, dir, binary := start(t, lines)
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	files := map[string]string{}
	for _, table := range tables {
		files[table.kind] = filepath.Join(t.TempDir(), table.kind+".parquet")
		run(t, binary, "export", "--data", dir, "--type", table.kind, "--since", firstDay.Format(time.RFC3339),
			"--format", "parquet", "--output", files[table.kind])
	}
	cubes, numbers := 0, 0
	for i := range *questions {
		q := newQuestion(rand.New(rand.NewPCG(n, uint64(i)+1)))
		a, err := s.ask(q.values())
		if err != nil {
			t.Fatalf("question %d: %s\n%v", i, q.values().Encode(), err)
		}
		if strings.Contains(string(a.Meta.Sources), `"cube":"`) {
			cubes++
		}
		compared, err := q.compare(db, files[q.table.kind], a)
		if err != nil {
			t.Errorf("question %d: %s\n%s\n%v", i, q.values().Encode(), q.statement(files[q.table.kind]), err)
		}
		numbers += compared
		if i%10 == 9 && t.Failed() {
			t.FailNow()
		}
	}
	if cubes < *questions/10 || numbers < *questions {
		t.Errorf("%d questions were answered from cubes, %d numbers compared: too few to prove anything",
			cubes, numbers)
	}
	t.Logf("%d questions, %d of them from cubes, %d numbers compared", *questions, cubes, numbers)
}

// compare holds an answer against DuckDB's.
func (q *question) compare(db *sql.DB, file string, a *answer) (compared int, err error) {
	rows, err := db.Query(q.statement(file))
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	want := map[string][]any{}
	for rows.Next() {
		var group string
		var bucket int
		values := make([]any, len(q.metrics))
		to := []any{&group, &bucket}
		for i := range values {
			to = append(to, &values[i])
		}
		if err := rows.Scan(to...); err != nil {
			return 0, err
		}
		want[q.key(group, bucket)] = values
	}
	if err := rows.Err(); err != nil {
		return 0, err
	}
	seen := map[string]bool{}
	for _, row := range a.Rows {
		key, err := q.keyOf(row)
		if err != nil {
			return compared, err
		}
		if seen[key] {
			return compared, fmt.Errorf("there are two rows of %q", key)
		}
		seen[key] = true
		values, found := want[key]
		for i, m := range q.metrics {
			if !found {
				values = make([]any, len(q.metrics))
			}
			compared++
			if err := m.check(row[m.name], values[i], found, a.Meta.Errors[m.name]); err != nil {
				return compared, fmt.Errorf("row %q, %s: %w", key, m.name, err)
			}
		}
	}
	for key := range want {
		if !seen[key] {
			return compared, fmt.Errorf("there is no row of %q", key)
		}
	}
	return compared, nil
}

// key is the group and the start of its bucket.
func (q *question) key(group string, bucket int) string {
	if q.interval == "" {
		return group
	}
	return q.edges[bucket].UTC().Format(time.RFC3339) + "\x1f" + group
}

// keyOf is the same of an answer's row.
func (q *question) keyOf(row map[string]any) (string, error) {
	parts := make([]string, len(q.by))
	for i, name := range q.by {
		parts[i], _ = row[name].(string)
	}
	group := strings.Join(parts, "\x1f")
	if q.interval == "" {
		return group, nil
	}
	at, err := time.Parse(time.RFC3339, fmt.Sprint(row["time"]))
	return at.UTC().Format(time.RFC3339) + "\x1f" + group, err
}

// check compares one number. A bucket that is empty has zeros, or nothing where nothing is known.
func (m *metric) check(got, want any, found bool, within float64) error {
	number, _ := got.(json.Number)
	list, isList := want.([]any)
	switch {
	case got == nil && (want == nil || isList && known(list) == 0):
		return nil
	case !found && number != "":
		if f, err := number.Float64(); err != nil || f != 0 {
			return fmt.Errorf("is %s in an empty bucket", number)
		}
		return nil
	case number == "":
		return fmt.Errorf("is %v, DuckDB says %v", got, want)
	}
	switch m.how {
	case exactly:
		have, ok := new(big.Rat).SetString(number.String())
		if expected := rational(want); !ok || expected == nil || have.Cmp(expected) != 0 {
			return fmt.Errorf("is %s, DuckDB says %v", number, want)
		}
		return nil
	case quantile:
		want := nearestRank(list, m.q)
		return near(number, want, within+microsecond/max(want, microsecond))
	case different:
		return near(number, float64Of(want), 5*within) // of a standard error, five is never
	}
	return near(number, float64Of(want), 1e-9)
}

// microsecond is the part of a millisecond that bins of durations are rounded to.
const microsecond = 1e-3

// rounded is what six decimals, as answers are written, leave out.
const rounded = 5.01e-7

func near(number json.Number, want, within float64) error {
	have, err := number.Float64()
	if err != nil || math.Abs(have-want) > within*math.Abs(want)+rounded {
		return fmt.Errorf("is %s, DuckDB says %v, and %.3g of that is allowed", number, want, within)
	}
	return nil
}

// known is how many of a list are no NULL.
func known(list []any) (n int) {
	for _, v := range list {
		if v != nil {
			n++
		}
	}
	return n
}

// nearestRank is the smallest value that a share q of all are at or below.
func nearestRank(list []any, q float64) float64 {
	var all []float64
	for _, v := range list {
		if v != nil {
			all = append(all, float64Of(v))
		}
	}
	return all[max(0, int(math.Ceil(q*float64(len(all))))-1)]
}

func rational(v any) *big.Rat {
	switch n := v.(type) {
	case int64:
		return new(big.Rat).SetInt64(n)
	case int32:
		return new(big.Rat).SetInt64(int64(n))
	case *big.Int:
		return new(big.Rat).SetInt(n)
	case duckdb.Decimal:
		return new(big.Rat).SetFrac(n.Value, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n.Scale)), nil))
	}
	return nil
}

func float64Of(v any) float64 {
	if f, ok := v.(float64); ok {
		return f
	}
	if r := rational(v); r != nil {
		f, _ := r.Float64()
		return f
	}
	return math.NaN()
}
