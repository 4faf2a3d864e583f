package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Post sends a body to a path of the product and gives the answer; errors are those of the product.
type Post func(ctx context.Context, path, contentType string, body io.Reader) (*http.Response, error)

// days is how far back the invented past goes.
const days = 30

// tick is how often live events come.
const tick = time.Second

// Feed gives invented events to the product.
type Feed struct {
	Generator
	Post Post
	Now  func() time.Time
	at   time.Time // until here everything was sent
}

// NewFeed makes a feed whose expensive afternoon was six days ago.
func NewFeed(post Post, now func() time.Time) *Feed {
	day := now().UTC().Truncate(24 * time.Hour)
	return &Feed{
		Generator: Generator{Seed: uint64(day.Unix()), Spike: day.AddDate(0, 0, -6).Add(13 * time.Hour)},
		Post:      post, Now: now,
	}
}

// Past sends thirty days up to now, and says how many events that was. progress is called with the
// number of days sent.
func (f *Feed) Past(ctx context.Context, progress func(done, total int)) (int, error) {
	now := f.Now()
	// Nothing lies before a question about thirty days, which comes a moment later: a few events
	// there would be compared with all others, and make growth of thousands of percent.
	from := now.UTC().AddDate(0, 0, -days).Add(time.Minute)
	n := 0
	for d := 0; from.Before(now); d++ {
		to := from.Add(24 * time.Hour)
		if to.After(now) {
			to = now
		}
		sent, err := f.send(ctx, from, to)
		if err != nil {
			return n, err
		}
		n += sent
		from = to
		progress(min(d+1, days), days)
	}
	f.at = now
	return n, nil
}

// Live goes on sending what happens, until ctx ends.
func (f *Feed) Live(ctx context.Context) error {
	ticks := time.NewTicker(tick)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticks.C:
		}
		now := f.Now()
		if _, err := f.send(ctx, f.at, now); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		f.at = now
	}
}

// send sends the events of [from, to).
func (f *Feed) send(ctx context.Context, from, to time.Time) (int, error) {
	var body bytes.Buffer
	n, err := f.Write(&body, from, to)
	if err != nil || n == 0 {
		return n, err
	}
	r, err := f.Post(ctx, "/v1/events", "application/x-ndjson", &body)
	if err != nil {
		return 0, fmt.Errorf("send invented events: %w", err)
	}
	defer r.Body.Close()
	var answer struct {
		Rejected int
		Errors   []struct{ Message string }
	}
	if err := json.NewDecoder(r.Body).Decode(&answer); err != nil {
		return 0, fmt.Errorf("send invented events: %w", err)
	}
	if answer.Rejected > 0 {
		return 0, fmt.Errorf("%d invented events were refused: %v", answer.Rejected, answer.Errors)
	}
	return n, nil
}
