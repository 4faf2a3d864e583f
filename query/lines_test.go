package query

import (
	"context"
	"reflect"
	"testing"
	"time"

	"analytics/engine/store"
)

// TestALimitChangesNoRow: the rows of the largest groups are the same whether or not the others are shown as
// well, although only the cells of those that are shown are put together.
func TestALimitChangesNoRow(t *testing.T) {
	w := newWorld(t, Config{})
	w.requests(30_000, 40)
	w.daily()
	q := Question{
		From: noon.AddDate(0, 0, -39), To: noon, By: []string{"model"}, Interval: "day", Compare: "previous",
		Metrics: []string{"requests", "users", "p95_duration_ms", "cost"},
	}
	whole := w.rows(q)
	if len(whole) != 20*40 {
		t.Fatalf("%d rows", len(whole))
	}
	shown := map[any][][]any{}
	for _, row := range whole {
		shown[row[1]] = append(shown[row[1]], row)
	}
	q.Limit = 3
	top := w.rows(q)
	if len(top) != 3*40 {
		t.Fatalf("%d rows of the largest three", len(top))
	}
	for i, row := range top {
		if want := shown[row[1]][i/3]; !reflect.DeepEqual(row, want) {
			t.Errorf("row %d is %v, of all %v", i, row, want)
		}
	}
	q.Other = true
	rest := w.rows(q)
	sum := int64(0)
	for _, row := range rest {
		sum += row[2].(int64)
	}
	if len(rest) != 4*40 || sum != requests(whole) {
		t.Errorf("%d rows with %d requests, of all %d", len(rest), sum, requests(whole))
	}
}

// TestManyLinesAreThoseOfOneWorker: rows that two workers make are those that are made one after another.
func TestManyLinesAreThoseOfOneWorker(t *testing.T) {
	w := newWorld(t, Config{})
	w.requests(20_000, 30)
	q := Question{
		From: noon.AddDate(0, 0, -29), To: noon, Interval: "hour", Compare: "previous",
		Metrics: []string{"requests", "users", "p50_duration_ms", "p95_duration_ms", "success_rate"},
	}
	rows := w.rows(q)
	if want := 29 * 24; len(rows) != want || want <= fewLines {
		t.Fatalf("%d rows", len(rows))
	}
	w.desk.limits.Answer, q.Streamed = 10, true
	a, err := w.desk.Answer(context.Background(), store.Default, q)
	if err != nil || a.More == nil {
		t.Fatal(err, a)
	}
	i := 0
	err = a.More(func(row []any) error {
		if !reflect.DeepEqual(row, rows[i]) {
			t.Errorf("row %d of %s is %v, streamed %v", i, row[0].(time.Time), rows[i], row)
		}
		i++
		return nil
	})
	if err != nil || i != len(rows) {
		t.Errorf("%d of %d rows: %v", i, len(rows), err)
	}
}

// TestAPanicIsAnError of the answer, not the end of the process.
func TestAPanicIsAnError(t *testing.T) {
	err := together(2, func(i int) error {
		if i == 1 {
			panic("broken")
		}
		return nil
	})
	if err == nil {
		t.Error("nothing said of a panic")
	}
}

func (w *world) rows(q Question) [][]any {
	w.t.Helper()
	a, err := w.desk.Answer(context.Background(), store.Default, q)
	if err != nil {
		w.t.Fatal(err)
	}
	return a.Rows
}

func requests(rows [][]any) (n int64) {
	for _, row := range rows {
		n += row[2].(int64)
	}
	return n
}
