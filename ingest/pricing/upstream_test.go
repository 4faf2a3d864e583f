package pricing

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"math"
	"os"
	"testing"
	"time"

	"analytics/engine/event"
)

// TestSameAsUpstream holds matcher and arithmetic against what the package the prices come from
// finds and computes, for every name its patterns spell out (testdata made by gen/expect.mjs).
func TestSameAsUpstream(t *testing.T) {
	zipped, err := os.ReadFile("testdata/upstream.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	r, err := gzip.NewReader(bytes.NewReader(zipped))
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]any
	if err := json.NewDecoder(r).Decode(&rows); err != nil {
		t.Fatal(err)
	}
	b := book(t, nil)
	at := event.MicrosOf(time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC))
	usages := []Usage{
		{InputUncached: 300000, OutputText: 5000},
		{InputUncached: 150000 - 1000 - 333, CacheRead: 1000, CacheWrite: 333, OutputText: 777},
	}
	compared := 0
	for _, row := range rows {
		provider, name, key := row[0].(string), row[1].(string), row[2].(string)
		if key == "" || row[3] == nil {
			continue // found nothing, or has no token prices
		}
		for i, usd := range row[3].([]any) {
			got, gotKey, ok := b.Cost(provider, name, at, usages[i])
			want := usd.(float64) * 1e9
			if !ok || gotKey != key || math.Abs(float64(got)-want) > 1+want*1e-9 {
				t.Errorf("%s %s usage %d: got %d %q %v, want %.0f %q", provider, name, i, got,
					gotKey, ok, want, key)
			}
			compared++
		}
	}
	if compared < 4000 {
		t.Errorf("compared %d costs only", compared)
	}
}

func book(t testing.TB, custom map[string]Custom) *Book {
	t.Helper()
	b, err := NewBook(custom)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
