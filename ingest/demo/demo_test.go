package demo

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 18, 12, 0, 0, 0, time.UTC)

func write(t *testing.T, g Generator, from, to time.Time) []string {
	t.Helper()
	var b bytes.Buffer
	n, err := g.Write(&b, from, to)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.Split(bytes.TrimSpace(b.Bytes()), []byte("\n"))
	if len(lines) != n {
		t.Fatalf("%d lines, Write said %d", len(lines), n)
	}
	ids := make([]string, n)
	for i, l := range lines {
		var e struct {
			ID        string
			Timestamp time.Time
		}
		if err := json.Unmarshal(l, &e); err != nil {
			t.Fatal(err)
		}
		if e.Timestamp.Before(from) || !e.Timestamp.Before(to) {
			t.Fatalf("event at %s is outside [%s, %s)", e.Timestamp, from, to)
		}
		ids[i] = e.ID
	}
	return ids
}

func TestSpansThatMeetGiveEachEventOnce(t *testing.T) {
	g := Generator{Seed: 7}
	whole := write(t, g, noon, noon.Add(3*time.Hour))
	seen := map[string]int{}
	edges := []time.Duration{0, 17 * time.Minute, 61 * time.Minute, 150 * time.Minute, 3 * time.Hour}
	for i, from := range edges[:len(edges)-1] {
		for _, id := range write(t, g, noon.Add(from), noon.Add(edges[i+1])) {
			seen[id]++
		}
	}
	if len(seen) != len(whole) {
		t.Fatalf("%d events in parts, %d in one", len(seen), len(whole))
	}
	for _, id := range whole {
		if seen[id] != 1 {
			t.Fatalf("event %s came %d times", id, seen[id])
		}
	}
}

func TestTheSpikeCosts(t *testing.T) {
	quiet := len(write(t, Generator{Seed: 7}, noon, noon.Add(time.Hour)))
	spiky := len(write(t, Generator{Seed: 7, Spike: noon}, noon, noon.Add(time.Hour)))
	if spiky < quiet+40 {
		t.Fatalf("%d events with the spike, %d without", spiky, quiet)
	}
}
