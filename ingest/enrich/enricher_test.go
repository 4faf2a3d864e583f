package enrich

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/engine/store/storetest"
	"analytics/ingest/enrich/geo"
)

func openStore(t testing.TB, dir string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{
		Space: storetest.Room, Dir: dir, MemTableSize: 8 << 20, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func newEnricher(t testing.TB) (*Enricher, *store.Store) {
	t.Helper()
	s := openStore(t, t.TempDir())
	t.Cleanup(func() { _ = s.Close() })
	return New(openLists(t), NewSalts(s.Shelf(store.Default, "settings"))), s
}

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// make1 is an event of the kind with the given text fields.
func make1(k event.Kind, at time.Time, fields map[string]string) *event.Event {
	e := new(event.Event)
	e.Reset(k)
	e.SetInt(event.Timestamp, int64(event.MicrosOf(at)))
	for name, text := range fields {
		n, ok := k.Field(name)
		if !ok {
			panic("no field " + name)
		}
		e.SetText(n, []byte(text))
	}
	return e
}

// derived lists the derived fields that are set, as name=text.
func derived(e *event.Event) string {
	var out []string
	for i, f := range e.Kind.Fields() {
		if f.Derived && e.Has(i) && f.Type != event.ID {
			out = append(out, f.Name+"="+string(e.Text(i)))
		}
	}
	return strings.Join(out, " ")
}

const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:152.0) Gecko/20100101 Firefox/152.0"

func TestEventsGetTheirDerivedFields(t *testing.T) {
	n, _ := newEnricher(t)
	for _, c := range []struct {
		kind   event.Kind
		fields map[string]string
		want   string
		site   string
	}{
		{event.PageView, map[string]string{
			"url":      "https://shop.example:8443/p?q=secret&utm_source=news&utm_medium=email#x",
			"referrer": "https://mail.google.com/mail/u/0/?secret", "user_agent": firefox,
			"client_ip": "193.99.144.80",
		}, "path=/p referrer_host=mail.google.com source=news channel=email medium=email country=DE " +
			"device=desktop browser=Firefox os=Linux bot_class=human classifier=2 browser_version=152", "shop.example"},
		{event.PageView,
			map[string]string{"url": "/x", "site": "a.example", "user_agent": "curl/8.5"},
			"path=/x source=Direct channel=direct device=bot bot_class=known_bot bot_name=curl " +
				"bot_purpose=library bot_score= bot_reasons=listed_agent classifier=2",
			"a.example"},
		{event.PageView, map[string]string{"url": "/x", "site": "a.example",
			"referrer": "https://www.a.example/y"},
			"path=/x referrer_host=www.a.example source=Internal channel=internal", "a.example"},
		{event.PageView, map[string]string{"url": "data:text/plain,secret"},
			"source=Direct channel=direct", Elsewhere},
		{event.PageView, map[string]string{"url": "/x"}, "path=/x source=Direct channel=direct", Elsewhere},
		{event.PageView, map[string]string{"url": "/x", "referrer": "https://a.example/y"},
			"path=/x referrer_host=a.example source=a.example channel=referral medium=referral", Elsewhere},
		{event.Engagement, map[string]string{"url": "x"}, "", Elsewhere},
		{event.Custom, map[string]string{"name": "signup", "url": "/x"}, "site=(unknown) path=/x", Elsewhere},
		{event.Custom, map[string]string{"name": "job_done"}, "", ""},
		{event.Engagement, map[string]string{"url": "https://a.example/x?y", "user_agent": firefox},
			"path=/x bot_class=human classifier=2", "a.example"},
		{event.Custom, map[string]string{"name": "signup", "url": "https://a.example/x?y"},
			"site=a.example path=/x", "a.example"},
		{event.AIRequest, map[string]string{"model": "m", "client_ip": "8.8.8.8"}, "country=US", ""},
		{event.AIRequest, map[string]string{"model": "m", "client_ip": "nonsense"}, "", ""},
		{event.Metric, map[string]string{"name": "m"}, "", ""},
	} {
		var s Scratch
		e := make1(c.kind, noon, c.fields)
		if err := n.Event(t.Context(), e, noon, &s); err != nil {
			t.Fatal(err)
		}
		if got := derived(e); got != c.want {
			t.Errorf("%s %v\n got %s\nwant %s", c.kind, c.fields, got, c.want)
		}
		if f, ok := c.kind.Field("site"); ok && string(e.Text(f)) != c.site {
			t.Errorf("%s %v: site is %q, want %q", c.kind, c.fields, e.Text(f), c.site)
		}
	}
}

func TestFilesGivePlaces(t *testing.T) {
	n, _ := newEnricher(t)
	atlas := geo.New(t.TempDir(), nil)
	if err := atlas.Use(geo.Config{City: "geo/testdata/city.mmdb", Network: "geo/testdata/network.mmdb"}); err != nil {
		t.Fatal(err)
	}
	n.Locate(atlas)
	for _, c := range []struct {
		kind    event.Kind
		address string
		want    string
	}{
		{event.PageView, "81.2.69.142", "country=GB region=England city=London network=Example Networks Ltd"},
		{event.PageView, "2a02:8100::1", "country=DE region=Hesse city=Frankfurt am Main network=Beispiel Telekom"},
		{event.PageView, "192.168.1.1", ""},
		{event.AIRequest, "67.43.156.1", "country=BT"},
	} {
		var s Scratch
		e := make1(c.kind, noon, map[string]string{"client_ip": c.address})
		if err := n.Event(t.Context(), e, noon, &s); err != nil {
			t.Fatal(err)
		}
		got := strings.TrimPrefix(derived(e), "source=Direct channel=direct")
		if got = strings.TrimSpace(got); got != c.want {
			t.Errorf("%s: got %q, want %q", c.address, got, c.want)
		}
	}
}

// visitorOf is the visitor id of a page view by the given sender, as text.
func visitorOf(t *testing.T, n *Enricher, at, now time.Time, fields map[string]string) string {
	t.Helper()
	all := map[string]string{"url": "https://a.example/"}
	for k, v := range fields {
		all[k] = v
	}
	var s Scratch
	e := make1(event.PageView, at, all)
	if err := n.Event(t.Context(), e, now, &s); err != nil {
		t.Fatal(err)
	}
	return event.IDText(e.Text(event.PageVisitorID))
}

func TestVisitorIsTheSameForADay(t *testing.T) {
	n, st := newEnricher(t)
	who := map[string]string{"client_ip": "193.99.144.80", "user_agent": firefox}
	first := visitorOf(t, n, noon, noon, who)
	if len(first) != 16 {
		t.Fatalf("got id %q, want 16 digits", first)
	}
	again := New(openLists(t), NewSalts(st.Shelf(store.Default, "settings"))) // a restart
	same := []string{
		visitorOf(t, n, noon.Add(time.Hour), noon.Add(time.Hour), who),
		visitorOf(t, n, noon, noon.Add(24*time.Hour), who), // late by a day
		visitorOf(t, again, noon, noon, who),
		visitorOf(t, n, noon, noon, map[string]string{
			"client_ip": "::ffff:193.99.144.80", "user_agent": firefox}),
	}
	for i, id := range same {
		if id != first {
			t.Errorf("same %d: got %s, want %s", i, id, first)
		}
	}
	seen := map[string]int{first: -1}
	for i, id := range []string{
		visitorOf(t, n, noon.Add(24*time.Hour), noon.Add(24*time.Hour), who),
		visitorOf(t, n, noon, noon.Add(24*time.Hour),
			map[string]string{"client_ip": "193.99.144.81", "user_agent": firefox}),
		visitorOf(t, n, noon, noon.Add(24*time.Hour),
			map[string]string{"client_ip": "193.99.144.80", "user_agent": firefox + "x"}),
		visitorOf(t, n, noon, noon.Add(24*time.Hour), map[string]string{
			"client_ip": "193.99.144.80", "user_agent": firefox, "site": "b.example"}),
		visitorOf(t, n, noon, noon.Add(24*time.Hour), map[string]string{"user_id": "193.99.144.80"}),
		visitorOf(t, n, noon, noon.Add(24*time.Hour), map[string]string{"session_id": "193.99.144.80"}),
	} {
		if other, ok := seen[id]; ok {
			t.Errorf("different %d and %d: both are %s", i, other, id)
		}
		seen[id] = i
	}
	from := func(ip string) string {
		return visitorOf(t, n, noon, noon.Add(24*time.Hour), map[string]string{"client_ip": ip})
	}
	one, two, far := from("2001:db8:1:2::1"), from("2001:db8:1:2:ffff::9"), from("2001:db8:1:3::1")
	if one != two || one == far {
		t.Errorf("IPv6 counts by /64: got %s %s %s", one, two, far)
	}
	if id := visitorOf(t, n, noon, noon.Add(24*time.Hour), nil); id != "" {
		t.Errorf("nobody: got %s, want no id", id)
	}
}

func TestSaltsAreGoneAfterTwoDays(t *testing.T) {
	n, st := newEnricher(t)
	shelf := st.Shelf(store.Default, "settings")
	kept := func() string {
		var keys []string
		err := shelf.Each(saltPrefix, func(key string, value []byte) error {
			keys = append(keys, fmt.Sprintf("%s:%d", strings.TrimPrefix(key, saltPrefix), len(value)))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(keys, " ")
	}
	who := map[string]string{"client_ip": "193.99.144.80"}
	for i, want := range []string{
		"2026-11-21:32", "2026-11-21:32 2026-11-22:32", "2026-11-22:32 2026-11-23:32",
	} {
		now := noon.AddDate(0, 0, i)
		visitorOf(t, n, now, now, who)
		if got := kept(); got != want {
			t.Errorf("day %d: got %s, want %s", i, got, want)
		}
	}
	if err := n.salts.Sweep(t.Context(), noon.AddDate(0, 0, 5)); err != nil {
		t.Fatal(err)
	}
	if got := kept(); got != "" {
		t.Errorf("after five days: got %s, want none", got)
	}
	old := noon.AddDate(0, -6, 0)
	a := visitorOf(t, n, old, noon.AddDate(0, 0, 5), who)
	b := visitorOf(t, n, old.AddDate(0, 0, 1), noon.AddDate(0, 0, 5), who)
	if got := kept(); got != "2026-11-26:32" || a == b {
		t.Errorf("old events: got salts %s, ids %s %s of two days", got, a, b)
	}
}

func TestSaltsSurviveCancellation(t *testing.T) {
	n, _ := newEnricher(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var s Scratch
	e := make1(event.PageView, noon, map[string]string{"url": "/", "client_ip": "193.99.144.80"})
	if err := n.Event(ctx, e, noon, &s); err == nil {
		t.Error("a salt that could not be stored was used")
	}
	if id := visitorOf(t, n, noon, noon, map[string]string{"client_ip": "193.99.144.80"}); id == "" {
		t.Error("no salt after a canceled request")
	}
}

func TestCacheIsBounded(t *testing.T) {
	c := newCache[int](100)
	for i := range 10_000 {
		if got := c.get(fmt.Appendf(nil, "%d", i), func(string) int { return i }); got != i {
			t.Fatalf("got %d, want %d", got, i)
		}
		if got := c.get([]byte("hot"), func(string) int { return -1 }); got != -1 {
			t.Fatalf("hot: got %d", got)
		}
		if c.len() > 200 {
			t.Fatalf("%d answers are kept", c.len())
		}
	}
}

func FuzzVisit(f *testing.F) {
	l := openLists(f)
	f.Add("https://a.example/x?utm_source=%20a&gclid=1", "https://www.google.com/", firefox)
	f.Add("//", "android-app://", "")
	f.Fuzz(func(t *testing.T, url, referrer, ua string) {
		u, ok := SplitURL([]byte(url))
		if ok && (len(u.Path) == 0 || u.Path[0] != '/' || len(u.Path) > MaxPath) {
			t.Errorf("%q: path is %q", url, u.Path)
		}
		v := l.Visit(u, []byte(referrer))
		if v.Channel == "" || v.Source == "" || len(v.Source) > maxSource ||
			len(v.Medium) > maxSource || len(v.Campaign) > maxCampaign {
			t.Errorf("%q from %q: got %+v", url, referrer, v)
		}
		if a := l.Agent(ua); a.Class == "" || len(a.Bot) > 64 || len(a.Browser) > 64 {
			t.Errorf("%q: got %+v", ua, a)
		}
	})
}
