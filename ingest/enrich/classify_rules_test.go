package enrich

import (
	"strings"
	"testing"
	"time"

	"analytics/engine/event"
)

// TestRulesCountForWhatComesAfterThem: by user agent, site, fingerprint and time, and no longer once
// they are taken back.
func TestRulesCountForWhatComesAfterThem(t *testing.T) {
	n, _ := newEnricher(t)
	var rules Rules
	take := func(kind event.Kind, at time.Time, fields map[string]string) *event.Event {
		t.Helper()
		var s Scratch
		e := make1(kind, at, fields)
		if err := n.Event(t.Context(), e, noon, &s); err != nil {
			t.Fatal(err)
		}
		rules.Give(e)
		return e
	}
	who := map[string]string{"url": "https://a.example/x", "user_agent": firefox, "client_ip": "193.99.144.80"}
	f := func(want string, kind event.Kind, at time.Time, changed ...string) {
		t.Helper()
		fields := map[string]string{}
		for k, v := range who {
			fields[k] = v
		}
		for i := 0; i < len(changed); i += 2 {
			fields[changed[i]] = changed[i+1]
		}
		e := take(kind, at, fields)
		v := slotsOf(kind).verdict(e)
		if got := strings.TrimSpace(v.Class + " " + v.Name + " " + v.Purpose + " " + v.Reasons); got != want {
			t.Errorf("%s %v: %s, want %s", kind, fields, got, want)
		}
	}
	f("human", event.PageView, noon)
	const ours = "known_bot probe other flagged"
	rules.Use([]Rule{{Agent: "%FIREFOX/152%", Site: "A.example", Class: KnownBot, Name: "probe", Since: event.MicrosOf(noon)}})
	for _, kind := range []event.Kind{event.PageView, event.Engagement, event.Custom} {
		f(ours, kind, noon)
		f("human", kind, noon.Add(-time.Second))
		f("human", kind, noon, "url", "https://b.example/")
		f("human", kind, noon, "user_agent", strings.ReplaceAll(firefox, "152", "151"))
	}
	f("known_bot curl library listed_agent", event.PageView, noon, "user_agent", "curl/8.5")
	rules.Use([]Rule{{Agent: "curl/%", Class: Scanner, Name: "probe"}})
	f("scanner curl library flagged", event.PageView, noon, "user_agent", "curl/8.5") // the list's name stays
	print := event.IDText(take(event.PageView, noon, who).Text(event.PageFingerprint))
	rules.Use([]Rule{{Fingerprint: print, Class: KnownBot, Name: "probe"}})
	f("human", event.Engagement, noon) // nobody knows yet whose it is
	f(ours, event.PageView, noon)
	f(ours, event.Engagement, noon)
	f("human", event.Engagement, noon, "client_ip", "193.99.144.81")
	f("human", event.PageView, noon, "language", "de")
	rules.Use(nil)
	f("human", event.PageView, noon)
}

// BenchmarkGive is an event that none of 200 rules is about.
func BenchmarkGive(b *testing.B) {
	var rules Rules
	var all []Rule
	for range 200 {
		all = append(all, Rule{Agent: "%python-httpx%", Class: KnownBot})
	}
	rules.Use(all)
	e := make1(event.PageView, noon, map[string]string{"user_agent": firefox})
	b.ReportAllocs()
	for b.Loop() {
		rules.Give(e)
	}
}

// TestLike is SQL's.
func TestLike(t *testing.T) {
	f := func(want bool, pattern, text string) {
		t.Helper()
		if got := Like(pattern, []byte(text)); got != want {
			t.Errorf("%q LIKE %q is %v", text, pattern, got)
		}
	}
	f(true, "%python-httpx%", "Python-HTTPX/0.27")
	f(false, "python-httpx", "python-httpx/0.27")
	f(true, "python%0._7", "python-httpx/0.27")
	f(true, "%a%b%c", "xxaxxbxxabc")
	f(false, "%a%b%c", "xxaxxbxxab")
	f(true, "%", "")
	f(false, "_", "")
	f(true, "_", "ä")
}

// FuzzLike compares with the plainest way to say what it does.
func FuzzLike(f *testing.F) {
	f.Add("%a_b%", "xaxbx")
	f.Add("%%", "")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) > 12 || len(text) > 24 {
			return
		}
		got := Like(pattern, []byte(text))
		p, s := []rune(strings.ToLower(pattern)), []rune(strings.ToLower(text))
		if want := like(p, s); got != want {
			t.Fatalf("%q LIKE %q is %v, want %v", text, pattern, got, want)
		}
	})
}

func like(p, s []rune) bool {
	switch {
	case len(p) == 0:
		return len(s) == 0
	case p[0] == '%':
		return like(p[1:], s) || len(s) > 0 && like(p, s[1:])
	}
	return len(s) > 0 && (p[0] == '_' || p[0] == s[0]) && like(p[1:], s[1:])
}
