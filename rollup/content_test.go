package rollup

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
)

// TestContentWorkedOutByHand: two paths of one article, a page without id, and a bot.
func TestContentWorkedOutByHand(t *testing.T) {
	h := newHouse(t, "UTC")
	ctx := t.Context()
	if _, ok, err := h.mill.Performance(store.Default); ok || err != nil {
		t.Fatalf("before the first run: %v, %v; want nothing", ok, err)
	}
	putContent(h)
	// Three views in 23 days are 21/23 a week; 20 of 60 seconds and 60 % make 16.7 + 30.
	change := "2.286"
	want := `{"site":"example.com","content_id":"art-1","path":"/a","views_7d":3,"views_30d":6,` +
		`"visitors_7d":2,"visitors_30d":4,"avg_time_on_page_seconds_7d":30,` +
		`"avg_time_on_page_seconds_30d":20,"avg_scroll_depth_30d":60,"clicks_30d":3,"change":` + change +
		`,"trend":"stable","quality":47}` +
		`{"site":"example.com","path":"/b","views_7d":0,"views_30d":1,"visitors_7d":0,` +
		`"visitors_30d":1,"avg_time_on_page_seconds_7d":null,"avg_time_on_page_seconds_30d":null,` +
		`"avg_scroll_depth_30d":null,"clicks_30d":0,"change":-1,"trend":"stable",` +
		`"quality":null}`
	steps := []func() error{
		func() error { return nil },
		func() error { return h.mill.Seal(ctx, true) },
		func() error { return h.mill.Daily(ctx) },
	}
	for i, step := range steps {
		check(t, step())
		check(t, h.mill.Contents(ctx))
		p, ok, err := h.mill.Performance(store.Default)
		if err != nil || !ok || p.Pages != 2 || !p.AsOf.Equal(noon.In(time.UTC)) {
			t.Fatalf("step %d: %v, %v, %+v", i, ok, err, p)
		}
		got := ""
		for _, c := range p.Content {
			*c.Change = math.Round(*c.Change*1000) / 1000
			v, err := json.Marshal(c)
			check(t, err)
			got += string(v)
		}
		if got != want {
			t.Errorf("step %d: got\n%s\nwant\n%s", i, got, want)
		}
	}
}

// TestTrendsOfContent: a change counts from a fifth on, and with ten views in the better week.
func TestTrendsOfContent(t *testing.T) {
	f := func(now, prior float64, want string) {
		t.Helper()
		if got := trendOf(now, prior); got != want {
			t.Errorf("%v views after %v: %s; want %s", now, prior, got, want)
		}
	}
	f(0, 0, "stable")
	f(9, 0, "stable")
	f(10, 0, "up")
	f(119, 100, "stable")
	f(120, 100, "up")
	f(81, 100, "stable")
	f(80, 100, "down")
	f(0, 10, "down")
}

// putContent stores the page views and engagements of the test.
func putContent(h *house) {
	var b event.Batch
	n := byte(0)
	add := func(kind event.Kind, daysAgo int, set func(e *event.Event)) {
		n++
		var e event.Event
		e.Reset(kind)
		e.SetInt(event.Timestamp, int64(event.MicrosOf(noon.AddDate(0, 0, -daysAgo))))
		e.SetID(event.EventID, []byte{'e', n})
		set(&e)
		b.Add(&e)
	}
	view := func(daysAgo int, path, content, visitor, class string) {
		add(event.PageView, daysAgo, func(e *event.Event) {
			e.SetText(event.PageSite, []byte("example.com"))
			e.SetText(event.PagePath, []byte(path))
			e.SetText(event.PageBotClass, []byte(class))
			e.SetID(event.PageVisitorID, []byte(visitor))
			if content != "" {
				e.SetText(event.PageContentID, []byte(content))
			}
		})
	}
	read := func(daysAgo int, path, content string, ms, scroll, clicks int64) {
		add(event.Engagement, daysAgo, func(e *event.Event) {
			e.SetText(event.EngagementSite, []byte("example.com"))
			e.SetText(event.EngagementPath, []byte(path))
			e.SetText(event.EngagementBotClass, []byte("human"))
			e.SetInt(event.EngagementTimeOnPageMS, ms)
			e.SetInt(event.EngagementScrollDepth, scroll)
			e.SetInt(event.EngagementClicks, clicks)
			if content != "" {
				e.SetText(event.EngagementContentID, []byte(content))
			}
		})
	}
	view(0, "/a", "art-1", "v1", "human")
	view(0, "/a", "art-1", "v2", "human")
	view(1, "/a?p=2", "art-1", "v1", "human")
	view(8, "/a", "art-1", "v3", "human")
	view(8, "/a", "art-1", "v3", "human")
	view(29, "/a", "art-1", "v4", "human")
	view(30, "/a", "art-1", "v5", "human") // too old
	view(0, "/a", "art-1", "b1", "known_bot")
	view(20, "/b", "", "v9", "ghost")
	read(0, "/a", "art-1", 30_000, 80, 2)
	read(8, "/a", "art-1", 10_000, 40, 1)
	_, err := h.store.Append(h.t.Context(), store.Default, &b)
	check(h.t, err)
}
