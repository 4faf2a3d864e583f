package duckdbtest

import (
	"database/sql"
	"fmt"
	"log/slog"
	"math"
	"math/big"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"analytics/engine/columns/sample"
	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/engine/store/storetest"
	"analytics/retention/lake"
)

// day is a partition as DuckDB names it.
type day struct{ tenant, date string }

// archived is an archive, and what must be in each of its partitions.
type archived struct {
	folder string
	want   map[event.Kind]map[day]*sums
}

// archive fills a store with three days of every kind of two tenants, archives them, and lets the
// events go from the store.
func archive(t *testing.T) *archived {
	t.Helper()
	now := func() time.Time { return noon }
	log := slog.New(slog.DiscardHandler)
	st, err := store.Open(t.Context(), store.Config{Space: storetest.Room, Dir: t.TempDir(), Now: now, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	a := &archived{folder: filepath.Join(t.TempDir(), "archive"), want: map[event.Kind]map[day]*sums{}}
	l, err := lake.Open(st, lake.Config{Settings: lake.Settings{Folder: a.folder, AfterDays: 2}, Now: now, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	source := sample.New(12)
	var e event.Event
	for _, tenant := range []store.Tenant{store.Default, {'o', 't', 'h', 'e', 'r'}} {
		for _, kind := range event.Kinds() {
			for ago := 5; ago <= 7; ago++ {
				var b event.Batch
				at := noon.AddDate(0, 0, -ago).Truncate(24 * time.Hour)
				for i := range 500 {
					source.Event(&e, kind, event.MicrosOf(at.Add(time.Duration(i)*2*time.Minute)))
					a.note(&e, day{strings.TrimRight(string(tenant[:]), "\x00"), at.Format(time.DateOnly)})
					b.Add(&e)
				}
				if _, err := st.Append(t.Context(), tenant, &b); err != nil {
					t.Fatal(err)
				}
			}
		}
		if _, err := st.Seal(t.Context(), math.MaxUint32, true); err != nil {
			t.Fatal(err)
		}
		if _, err := l.Run(t.Context(), tenant); err != nil {
			t.Fatal(err)
		}
	}
	return a
}

// note adds an event up under the names that fields have inside, which the archive keeps.
func (a *archived) note(e *event.Event, at day) {
	if a.want[e.Kind] == nil {
		a.want[e.Kind] = map[day]*sums{}
	}
	s := a.want[e.Kind][at]
	if s == nil {
		s = &sums{total: map[string]*big.Int{}, set: map[string]int64{}}
		a.want[e.Kind][at] = s
	}
	s.rows++
	for i, f := range e.Kind.Fields() {
		if !f.Transient && e.Has(i) && (f.Type == event.Int || f.Type == event.Money || f.Type == event.Millis) {
			s.add(f.Name, e.Int(i))
		}
	}
}

// TestDuckDBReadsTheArchiveByPartition reads the archive with nothing but its folder names, and finds
// in each partition the events and sums that were accepted.
func TestDuckDBReadsTheArchiveByPartition(t *testing.T) {
	a := archive(t)
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, kind := range event.Kinds() {
		files := filepath.Join(a.folder, kind.String(), "*", "*", "*.parquet")
		from := fmt.Sprintf("FROM read_parquet('%s', hive_partitioning = true, union_by_name = true)", files)
		rows, err := db.QueryContext(t.Context(),
			"SELECT tenant, CAST(date AS VARCHAR), count(*), count(DISTINCT id) "+from+" GROUP BY ALL")
		if err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		found := 0
		for rows.Next() {
			var at day
			var n, ids int64
			if err := rows.Scan(&at.tenant, &at.date, &n, &ids); err != nil {
				t.Fatal(err)
			}
			found++
			want := a.want[kind][at]
			if want == nil || n != want.rows || ids != want.rows {
				t.Errorf("%s %v: %d events with %d ids, want %+v", kind, at, n, ids, want)
			}
		}
		if err := rows.Err(); err != nil || found != 6 {
			t.Errorf("%s: %d partitions, %v; want 6", kind, found, err)
		}
		rows.Close()
		for at, want := range a.want[kind] {
			checkPartition(t, db, kind, from, at, want)
		}
	}
}

// checkPartition compares the sums of one partition. They come as text, so that no float is between
// them and the numbers.
func checkPartition(t *testing.T, db *sql.DB, kind event.Kind, from string, at day, want *sums) {
	t.Helper()
	for name, total := range want.total {
		var sum string
		var set int64
		err := db.QueryRowContext(t.Context(), fmt.Sprintf("SELECT CAST(sum(%q) AS VARCHAR), count(%q) %s "+
			"WHERE tenant = '%s' AND date = DATE '%s'", name, name, from, at.tenant, at.date)).Scan(&sum, &set)
		if err != nil {
			t.Fatal(err)
		}
		sign := ""
		if strings.HasPrefix(sum, "-") {
			sign = "-"
		}
		if got := sign + trim(strings.Trim(strings.ReplaceAll(sum, ".", ""), "-")); got != total.String() ||
			set != want.set[name] {
			t.Errorf("%s %v: sum(%s) is %s of %d, want %s of %d", kind, at, name, sum, set, total, want.set[name])
		}
	}
}
