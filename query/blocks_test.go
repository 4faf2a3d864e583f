package query

import (
	"context"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
)

// daysOf fills a world with requests of some days before noon, by users, and makes the cells of days.
func (w *world) daysOf(days int) {
	for i := range 50 * days {
		at := noon.AddDate(0, 0, -days).Add(time.Duration(i) * 24 * time.Hour / 50)
		e := w.begin(event.AIRequest, at)
		e.SetText(event.AIModel, fmt.Appendf(nil, "model-%d", i%3))
		e.SetText(event.UserID, fmt.Appendf(nil, "user-%d", i%40))
		e.SetInt(event.AICost, int64(1000*i))
		w.add()
	}
	w.commit()
	w.seal(noon.Add(-time.Hour))
	w.daily()
}

var byUser = Question{Metrics: []string{"requests", "cost"}, By: []string{"user_id"}, Interval: "week",
	Filter: `model!=model-2`, From: noon.AddDate(0, 0, -20), To: noon}

// held is how many blocks are kept, and their bytes.
func (all *blocks) held() (n int, bytes int64) {
	all.mu.Lock()
	defer all.mu.Unlock()
	return len(all.each), all.bytes
}

// TestBlocksAreKept: a question that is asked again reads cells from memory, and those that were made
// again anew; many may ask at once.
func TestBlocksAreKept(t *testing.T) {
	w := newWorld(t, Config{})
	w.daysOf(20)
	first, err := w.desk.Answer(context.Background(), store.Default, byUser)
	if err != nil {
		t.Fatal(err)
	}
	n, bytes := w.desk.blocks.held()
	if n < 20 || bytes == 0 {
		t.Fatalf("%d blocks of 20 days are kept, %d bytes", n, bytes)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			again, err := w.desk.Answer(context.Background(), store.Default, byUser)
			if err != nil || !reflect.DeepEqual(again.Rows, first.Rows) ||
				!reflect.DeepEqual(again.Totals, first.Totals) {
				t.Errorf("%v, %v: want %v", again, err, first)
			}
		})
	}
	wg.Wait()
	if n2, bytes2 := w.desk.blocks.held(); n2 != n || bytes2 != bytes {
		t.Errorf("%d blocks of %d bytes after the same question, want %d of %d", n2, bytes2, n, bytes)
	}
	_, err = w.store.Rewrite(context.Background(), store.Default, event.AIRequest,
		event.MicrosOf(noon.AddDate(0, 0, -5)).Hour()/24*24, func(e *event.Event) bool {
			e.SetInt(event.AICost, 1e9)
			return true
		})
	if err != nil {
		t.Fatal(err)
	}
	for _, remake := range []func(){func() {}, w.daily} { // from the hours, and from the day made again
		remake()
		dear, err := w.desk.Answer(context.Background(), store.Default, byUser)
		if err != nil || dear.Totals["cost"] == first.Totals["cost"] {
			t.Errorf("%v, %v after costs changed", dear.Totals, err)
		}
		raw := byUser
		raw.Raw = true
		if want, err := w.desk.Answer(context.Background(), store.Default, raw); err != nil ||
			!reflect.DeepEqual(dear.Rows, want.Rows) {
			t.Errorf("%v, %v: want %v", dear.Rows, err, want.Rows)
		}
	}
}

// TestBlocksAreLetGo: what nobody asks for any more is gone with the second sweep, and there is never
// more than there is room for.
func TestBlocksAreLetGo(t *testing.T) {
	w := newWorld(t, Config{})
	w.daysOf(20)
	ask := func() {
		t.Helper()
		if _, err := w.desk.Answer(context.Background(), store.Default, byUser); err != nil {
			t.Fatal(err)
		}
	}
	all := &w.desk.blocks
	ask()
	all.sweep()
	if n, _ := all.held(); n == 0 {
		t.Error("what was just used is gone")
	}
	all.sweep()
	if n, bytes := all.held(); n != 0 || bytes != 0 {
		t.Errorf("%d blocks of %d bytes are left", n, bytes)
	}
	ask()
	n, bytes := all.held()
	all.sweep()
	all.sweep()
	all.most = bytes / 2
	ask()
	if some, half := all.held(); some == 0 || some >= n || half > bytes/2 {
		t.Errorf("%d blocks of %d bytes are kept where half of %d has room", some, half, bytes)
	}
	all.most = blockShare * 100
	ask()
	if some, none := all.held(); some != 0 || none != 0 {
		t.Errorf("%d blocks of %d bytes are kept, each too large", some, none)
	}
}
