package browsertest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// more sends what else has values to click at: bots, clicks on links, an audit trail, sessions.
func (h *house) more() {
	h.t.Helper()
	at := func(ago time.Duration) string { return time.Now().Add(-ago).UTC().Format(time.RFC3339Nano) }
	const browser = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
	h.send(map[string]any{"type": "activity", "timestamp": at(time.Minute), "category": "authentication", "action": "login",
		"actor": "anna", "target": "shop", "outcome": "failed", "severity": "high"},
		map[string]any{"type": "agent_task", "timestamp": at(time.Minute), "agent": "writer", "task": "draft", "status": "failed",
			"error_type": "timeout"},
		map[string]any{"type": "page_view", "timestamp": at(3 * time.Minute), "url": "https://example.org/?utm_source=news&" +
			"utm_campaign=spring&utm_medium=email", "visitor_id": "n", "session_id": "n", "user_agent": browser, "title": "Start"},
		map[string]any{"type": "page_view", "timestamp": at(2 * time.Minute), "url": "https://example.org/docs", "visitor_id": "n",
			"session_id": "n", "user_agent": browser},
		map[string]any{"type": "engagement", "timestamp": at(time.Minute), "url": "https://example.org/docs", "visitor_id": "n",
			"session_id": "n", "user_agent": browser, "time_on_page_ms": 20000, "scroll_depth": 80},
		map[string]any{"type": "event", "timestamp": at(time.Minute), "name": "outbound_click", "url": "https://example.org/docs",
			"visitor_id": "n", "session_id": "n", "user_agent": browser, "properties": map[string]any{"url": "https://example.com/"}},
		map[string]any{"type": "page_view", "timestamp": at(time.Minute), "url": "https://example.org/docs",
			"user_agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"})
}

// TestEveryClickFitsEveryPage takes a value of each kind that a click on any page makes a filter of, and
// opens every page with it: nothing is asked that is refused, which the console would tell, and each page
// says what it leaves out.
func TestEveryClickFitsEveryPage(t *testing.T) {
	h := start(t)
	h.work()
	h.more()
	h.call(http.MethodPost, "/v1/funnels", map[string]any{"name": "read", "steps": []string{"page:/", "page:/docs"}}, nil)
	b := browse(t, h)
	kinds := map[string]string{} // of filters, with one of each
	for _, id := range ids(b) {
		b.open("/?page=" + id)
		for _, one := range value[[]string](b, `[...document.querySelectorAll('button.value')].map((v) => v.dataset.filter)`) {
			for i, c := range one {
				if c == '=' {
					kinds[one[:i]] = one
					break
				}
			}
		}
	}
	if len(kinds) < 30 {
		t.Errorf("there are only %d kinds of values to click at: %v", len(kinds), kinds)
	}
	b.open("/?page=models&filter=" + escape("modle==gpt-4o"))
	if text := value[string](b, `document.querySelector('[role=alert]').innerText`); text != `There is no field "modle"; did you mean model?` {
		t.Errorf("a misspelled filter is told of as %q", text)
	}
	all, err := json.Marshal(kinds)
	if err != nil {
		t.Fatal(err)
	}
	b.do(chromedp.EmulateViewport(1360, 900))
	value[any](b, fmt.Sprintf(`window.bad = null; (async () => {
		const bad = [];
		const pages = [...document.querySelectorAll('#pages a')].map((a) =>
			new URL(a.href).searchParams.get('page') || 'overview');
		for (const page of pages) for (const filter of Object.values(%s)) {
			history.pushState(null, '', '/?' + new URLSearchParams({ page, filter, live: 'off' }));
			dispatchEvent(new PopStateEvent('popstate'));
			for (let i = 0; i < 3000 && (i === 0 || document.querySelector('[aria-busy]')); i++) {
				await new Promise((r) => setTimeout(r, 5));
			}
			const wrong = document.querySelectorAll('.refused, .worse:not(.note), [aria-busy], .left [role=alert]');
			const text = [...wrong].filter((n) => n.textContent).map((n) =>
				n.closest('.card').ariaLabel + ': ' + n.textContent).join('; ');
			if (text) bad.push(page + ' by ' + filter + ': ' + text);
			if (!document.getElementById('filter')) break; // one of the house, which keeps to none
		}
		window.bad = bad;
	})(); 0`, all))
	for end := time.Now().Add(8 * time.Minute); !value[bool](b, "window.bad !== null"); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("stuck at %s", value[string](b, "location.href"))
		}
	}
	for _, one := range value[[]string](b, "window.bad") {
		t.Error(one)
	}
	t.Logf("%d kinds of values: %v", len(kinds), slices.Sorted(maps.Keys(kinds)))
}
