package process

import (
	"context"
	"encoding/json"
	"os"
	"slices"
	"testing"
	"time"

	"analytics/engine/fault"
	"analytics/engine/store"
)

func TestProcessorsAreReadAsTheKernelWritesThem(t *testing.T) {
	busy, all, ok := processors([]byte("cpu  10 1 5 100 20 2 3 4 50 60\ncpu0 1 1 1 1\n"))
	if !ok || busy != 10+1+5+2+3+4 || all != 145 {
		t.Errorf("got %v of %v, %v", busy, all, ok)
	}
	for _, text := range []string{"", "cpu", "cpu0 1 2 3 4", "cpu a b c d"} {
		if _, _, ok := processors([]byte(text)); ok {
			t.Errorf("%q is taken for processors", text)
		}
	}
	for text, want := range map[string]time.Duration{
		"42 (a) b) c) S 1 2 3 4 5 6 7 8 9 10 150 25 0": 1750 * time.Millisecond,
		"42 (young) S 1 2 3 4 5 6 7 8 9 10 0 0 0":      0, // less than a tick is known too
	} {
		if d, ok := ownTime([]byte(text)); d != want || !ok {
			t.Errorf("own time of %q is %v, %v", text, d, ok)
		}
	}
	for _, text := range []string{"", "42 (a) S 1 2", "42 (a) S 1 2 3 4 5 6 7 8 9 10 x 25 0"} {
		if _, ok := ownTime([]byte(text)); ok {
			t.Errorf("%q is taken for an own time", text)
		}
	}
	if n := field([]byte("A: 1 kB\nB:\t 22 kB\n"), "B:"); n != 22 {
		t.Errorf("the field is %v", n)
	}
}

// TestHostIsSampledFromTheSecondMinute: the first has nothing to compare with.
func TestHostIsSampledFromTheSecondMinute(t *testing.T) {
	s, err := store.Open(t.Context(), store.Config{Dir: t.TempDir(), MemTableSize: 8 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	at := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	var got []metric
	h := Host{Store: s, Now: func() time.Time { return at }, Lag: func() time.Duration { return 3 * time.Second },
		Record: func(_ context.Context, _ store.Tenant, events []byte) error { return json.Unmarshal(events, &got) }}
	job := h.Jobs()[0]
	for range 2 {
		if len(got) != 0 {
			t.Errorf("the first look gave %v", got)
		}
		if err := h.sample(t.Context()); err != nil {
			t.Fatal(err)
		}
		at = at.Add(time.Minute)
	}
	want := []string{"store_bytes", "store_unsealed_events", "store_queued_events", "job_lag_seconds"}
	if _, err := os.Stat("/proc/self/stat"); err == nil {
		want = append(want, "process_cpu_percent", "memory_percent", "process_memory_bytes", "disk_percent")
	}
	for _, name := range want {
		i := slices.IndexFunc(got, func(m metric) bool { return m.Name == name })
		if i < 0 {
			t.Errorf("there is no %s", name)
		} else if m := got[i]; m.Type != "metric" || m.Project != "analytics" || m.Value < 0 ||
			m.Unit == "percent" && m.Value > 6400 || name == "job_lag_seconds" && m.Value != 3 {
			t.Errorf("%+v", m)
		}
	}
	h.Record = func(context.Context, store.Tenant, []byte) error {
		return fault.New(fault.Forbidden, "disabled", "off")
	}
	if err := h.sample(t.Context()); err != nil || job.Name != "host_samples" {
		t.Errorf("with analytics switched off: %v", err)
	}
}
