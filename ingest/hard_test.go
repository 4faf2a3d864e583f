package ingest

import (
	"bytes"
	"flag"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"analytics/engine/event"
	"analytics/ingest/events"
)

// agents is how many different user agents the test below sends; a million take half a minute.
var agents = flag.Int("agents", 20_000, "how many different user agents are sent")

// TestUserAgentsWithoutEnd sends one after the other, each a bot or browser of its own: every view is
// counted, and what views are counted by has an end.
func TestUserAgentsWithoutEnd(t *testing.T) {
	h := newHouse(t)
	const batch = 10_000
	for first := 0; first < *agents; first += batch {
		var body bytes.Buffer
		for i := first; i < first+batch; i++ {
			ua := fmt.Sprintf("tool%d/1.0", i)
			if i%2 == 0 {
				ua = fmt.Sprintf("Mozilla/5.0 (X11; Linux x86_64) Surf%d/%d.0", i, i)
			}
			fmt.Fprintf(&body, `{"type":"page_view","url":"https://a.example/","user_agent":%q}`+"\n", ua)
		}
		if a := h.send(body.String()); a.Accepted != batch {
			t.Fatalf("%+v", a)
		}
	}
	rows := 0
	values := map[int]map[string]int{event.PageBrowser: {}, event.PageBotName: {}, event.PageBrowserVersion: {},
		event.PageOS: {}, event.PageDevice: {}}
	h.each(event.PageView, func(e *event.Event) {
		rows++
		for f, counts := range values {
			counts[string(e.Text(f))]++
		}
	})
	if rows != *agents {
		t.Errorf("%d of %d views are stored", rows, *agents)
	}
	for f, counts := range values {
		sum := 0
		for _, n := range counts {
			sum += n
		}
		name := event.PageView.Fields()[f].Name
		t.Logf("%s: %d different, %d other", name, len(counts), counts[events.Other])
		if sum != *agents || len(counts) > 2_002 { // with (other) and none
			t.Errorf("%s: %d different values, of %d views", name, len(counts), sum)
		}
	}
}

// TestTextThatIsNoUTF8 sends each field of each kind with bytes that no text has.
func TestTextThatIsNoUTF8(t *testing.T) {
	h := newHouse(t)
	required := map[event.Kind]string{event.AIRequest: `"model":"m"`, event.ToolCall: `"tool":"t"`,
		event.AgentTask: `"agent":"a"`, event.PageView: `"url":"https://a.example/"`,
		event.Engagement: `"url":"https://a.example/"`, event.Custom: `"name":"n"`,
		event.Activity: `"category":"c","action":"a"`, event.Metric: `"name":"n"`}
	const raw, escaped = "a\xff\xfe\xc3(\xed\xa0\x80\xf5b", `a\ud800 \udc00\u0000\ud83d\ude00\udfff`
	sent := 0
	for _, k := range event.Sent() {
		for _, f := range k.Fields() {
			if f.Derived || f.Type != event.String && f.Type != event.Text && f.Type != event.ID {
				continue
			}
			for _, bad := range []string{raw, escaped} {
				fields := strings.Replace(required[k], `"`+f.Name+`":"`, `"`+f.Name+`":"`+bad, 1)
				if !f.Required {
					fields += fmt.Sprintf(`,"%s":"%s"`, f.Name, bad)
				}
				a := h.send(fmt.Sprintf(`{"type":"%s",%s}`+"\n"+`{"type":"metric","name":"good"}`, k, fields))
				if sent++; a.Accepted+len(a.Errors) != 2 || a.Accepted == 0 {
					t.Errorf("%s %s: %+v", k, f.Name, a)
				}
				for _, e := range a.Errors {
					if e.Index != 0 || e.Message == "" || !utf8.ValidString(e.Message) {
						t.Errorf("%s %s: %+v", k, f.Name, e)
					}
				}
			}
		}
		h.each(k, func(e *event.Event) {
			for i, f := range k.Fields() {
				if e.Has(i) && (f.Type == event.String || f.Type == event.Text) && !utf8.Valid(e.Text(i)) {
					t.Errorf("%s %s: stored as %q", k, f.Name, e.Text(i))
				}
			}
		})
	}
	t.Logf("%d events", sent)
	for _, field := range []string{"u", "r", "t", "w", "l", "i", "g", "d", "k", "n", "x"} {
		body := fmt.Sprintf(`{"d":"a.example","k":"%s","u":"https://a.example/x","n":"v"}`, h.site)
		body = strings.Replace(body, "}", fmt.Sprintf(`,"%s":"%s"}`, field, raw), 1)
		if w := h.ask("POST", "/api/v1/t", body); w.Code >= 500 || !utf8.Valid(w.Body.Bytes()) {
			t.Errorf("%s: %d %s", field, w.Code, w.Body)
		}
	}
}

// TestAddressesWithoutEnd sends URLs of 64 KiB to the doors: they are kept in part or refused by name.
func TestAddressesWithoutEnd(t *testing.T) {
	h := newHouse(t)
	long := "https://a.example/" + strings.Repeat("a", 64<<10)
	if a := h.send(`{"type":"page_view","url":"` + long + `"}` + "\n"); len(a.Errors) != 1 || a.Errors[0].Code != "too_large" {
		t.Errorf("got %+v", a)
	}
	for _, url := range []string{long[:60<<10], "https://a.example/?" + long[:60<<10], "https://a.example/" +
		strings.Repeat("%ff", 20<<10), "https://" + strings.Repeat("a.", 20<<10) + "example/x",
		"https://a.example/x?utm_source=" + long[:50<<10], strings.Repeat("https://a.example/", 3000)} {
		for _, field := range []string{"url", "referrer"} {
			line := fmt.Sprintf(`{"type":"page_view","url":"https://a.example/","%s":"%s"}`, field, url)
			if field == "url" {
				line = fmt.Sprintf(`{"type":"page_view","url":"%s"}`, url)
			}
			if a := h.send(line + "\n"); a.Accepted+len(a.Errors) != 1 {
				t.Errorf("%s %.40s: %+v", field, url, a)
			}
		}
		body := fmt.Sprintf(`{"d":"a.example","k":"%s","u":"%s","r":"%s","n":"v"}`, h.site, url, url)
		if w := h.ask("POST", "/api/v1/t", body); w.Code >= 500 {
			t.Errorf("%.40s: %d %.200s", url, w.Code, w.Body)
		}
	}
	h.each(event.PageView, func(e *event.Event) {
		for _, f := range []int{event.PagePath, event.PageSource, event.PageReferrerHost, event.PageSite} {
			if n := len(e.Text(f)); n > 512 || !utf8.Valid(e.Text(f)) {
				t.Errorf("%s has %d bytes: %.60q", event.PageView.Fields()[f].Name, n, e.Text(f))
			}
		}
	})
}
