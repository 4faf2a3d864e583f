package browsertest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
)

func origin(link string) string {
	u, err := url.Parse(link)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// ids are the pages that the menu leads to.
func ids(b *tab) []string {
	b.t.Helper()
	return value[[]string](b, `[...document.querySelectorAll('#pages a')]
		.map((a) => new URL(a.href).searchParams.get('page') || 'overview')`)
}

// figure is a tile of the page.
func (b *tab) figure(card, name string) string {
	b.t.Helper()
	return value[string](b, `[...document.querySelectorAll('section[aria-label="`+card+`"] .tile')]
		.find((t) => t.querySelector('dt').textContent === "`+name+`")?.querySelector('dd').textContent ?? 'no tile'`)
}

func TestFiguresAreThoseOfTheAPI(t *testing.T) {
	h := start(t)
	h.work()
	b := browse(t, h)
	var got struct {
		Totals struct {
			Requests, Errors int
			Cost             float64
		}
	}
	h.call(http.MethodGet, "/v1/requests/stats?since=7d", nil, &got)
	cost := value[string](b, "new Intl.NumberFormat('en',{style:'currency',currency:'USD'}).format("+
		strings.TrimSpace(formatted(got.Totals.Cost))+")")
	for name, want := range map[string]string{"requests": formatted(got.Totals.Requests),
		"errors": formatted(got.Totals.Errors), "cost": cost} {
		if shown := b.figure("AI", name); shown != want {
			t.Errorf("%s: the page shows %q, the API says %q", name, shown, want)
		}
	}
	if got.Totals.Requests != 12 || got.Totals.Cost == 0 {
		t.Errorf("the API says %+v", got)
	}
}

func TestEveryPageAnswers(t *testing.T) {
	h := start(t)
	h.work()
	h.call(http.MethodPost, "/v1/funnels", map[string]any{"name": "buy",
		"steps": []string{"page:/pricing", "page:/buy"}}, nil)
	b := browse(t, h)
	all := ids(b)
	if len(all) < 17 {
		t.Errorf("the menu has %v", all)
	}
	for _, id := range all {
		b.visit(id)
		if text := value[string](b, `[...document.querySelectorAll('.refused, .worse:not(.note)')].map((n) =>
			n.closest('.card').ariaLabel + ': ' + n.textContent).join('; ')`); text != "" {
			t.Errorf("%s: %s", id, text)
		}
		if wide := value[bool](b, "document.documentElement.scrollWidth > innerWidth"); wide {
			t.Errorf("%s is wider than the window", id)
		}
		b.shoot(id)
	}
	b.open("/?page=traffic")
	if text := value[string](b, `document.querySelector('section[aria-label="Quality of the sources"] .limits')?.innerText ?? ''`); text !=
		"Sources with less than 30 sessions have parts but no quality." {
		t.Errorf("what limits an answer is told as %q", text)
	}
}

func TestClickedValueIsAFilter(t *testing.T) {
	h := start(t)
	h.work()
	b := browse(t, h)
	value[any](b, `[...document.querySelectorAll('button.value')].find((v) => v.textContent === 'claude-sonnet-4-5').click()`)
	b.eventually(`new URL(location).searchParams.get('filter') === 'model==claude-sonnet-4-5'`)
	b.settled()
	if n := b.figure("AI", "requests"); n != "4" {
		t.Errorf("%s requests of the model, want 4", n)
	}
	if text := value[string](b, `document.querySelector('section[aria-label="Left out"]').innerText`); text !=
		"Left out, because it cannot be filtered by model: Web, Page views, Pages, Sources, Tools; agent tasks of Agents." {
		t.Errorf("the page says that it leaves out %q", text)
	}
	press := func(key string) {
		value[any](b, `document.dispatchEvent(new KeyboardEvent('keydown', { key: '`+key+`', bubbles: true }))`)
	}
	press("]")
	b.eventually(`location.search.includes('page=costs') && document.querySelectorAll('.chip').length === 1`)
	press("[")
	b.eventually(`!location.search.includes('page=') && document.querySelectorAll('.chip').length === 1`)
	b.settled()
	b.do(chromedp.Click(".chip"))
	b.eventually(`!new URL(location).searchParams.has('filter')`)
	b.settled()
	if n := b.figure("AI", "requests"); n != "12" {
		t.Errorf("%s requests without the filter, want 12", n)
	}
	value[any](b, "history.back()")
	b.eventually(`document.querySelectorAll('.chip').length === 1`)
}

func TestWhatIsSeenIsExported(t *testing.T) {
	h := start(t)
	h.work()
	h.send(map[string]any{"type": "ai_request", "model": `=HYPERLINK("http://x")`, "provider": "p"})
	b := browse(t, h)
	folder := t.TempDir()
	if _, err := chromedp.CallBrowser(b.ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: "allow", DownloadPath: folder}); err != nil {
		t.Fatal(err)
	}
	b.do(chromedp.Click(`button[aria-label="CSV of Models"]`))
	path := filepath.Join(folder, "overview-models.csv")
	var text []byte
	for end := time.Now().Add(10 * time.Second); len(text) == 0; time.Sleep(20 * time.Millisecond) {
		if text, _ = os.ReadFile(path); time.Now().After(end) {
			t.Fatal("no file was saved")
		}
	}
	if !strings.HasPrefix(string(text), "model,cost,requests,errors\r\n") || !strings.Contains(string(text), "\ngpt-4o,") ||
		!strings.Contains(string(text), `"'=HYPERLINK(""http://x"")"`) {
		t.Errorf("the file has\n%s", text)
	}
}

func TestAlertIsAcknowledged(t *testing.T) {
	h := start(t)
	h.work()
	// Some of that is of yesterday in the first hours of a day, whose alert is over: today's is what counts.
	h.send(map[string]any{"type": "ai_request", "model": "gpt-4o", "provider": "openai", "input_tokens": 1_000_000})
	alerts := func() (states []string) {
		var got struct{ Alerts []struct{ State string } }
		h.call(http.MethodGet, "/v1/alerts", nil, &got)
		for _, a := range got.Alerts {
			if a.State != "resolved" {
				states = append(states, a.State)
			}
		}
		return states
	}
	b := browse(t, h)
	for end := time.Now().Add(90 * time.Second); len(alerts()) == 0; time.Sleep(200 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("no alert was raised")
		}
	}
	b.open("/?page=alerts")
	const acknowledge = `button[aria-label^="Acknowledge"]`
	b.do(chromedp.Click(acknowledge))
	b.admin()
	b.do(chromedp.Click(acknowledge))
	b.eventually(`document.querySelector('section[aria-label="Alerts"]').innerText.includes('acknowledged')`)
	if got := alerts(); len(got) != 1 || got[0] != "acknowledged" {
		t.Errorf("got %+v", got)
	}
}

func TestNewEventsAppearWhileOneLooks(t *testing.T) {
	h := start(t)
	h.work()
	b := browse(t, h)
	h.send(map[string]any{"type": "ai_request", "model": "gpt-4o", "provider": "openai"})
	value[any](b, `document.dispatchEvent(new KeyboardEvent('keydown', { key: 'r', bubbles: true }))`)
	b.eventually(`document.querySelector('section[aria-label="AI"]').innerText.includes('13')`)
}

func escape(s string) string { return url.QueryEscape(s) }

func formatted[N int | float64](n N) string {
	text, err := json.Marshal(n)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
