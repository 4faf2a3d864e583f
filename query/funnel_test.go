package query

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"analytics/engine/store"
	"analytics/rollup/funnels"
)

// ways is of a, who goes all the way, b, who does on the second try, and c and d, who see prices alone.
const ways = `
page_view 2026-11-20T07:00:00Z site=x path=/ visitor_id=a channel=Direct
page_view 2026-11-20T07:10:00Z site=x path=/pricing visitor_id=a channel=Referral
event 2026-11-20T07:30:00Z name=signup visitor_id=a properties={"plan":"pro"}
page_view 2026-11-20T07:31:00Z site=x path=/welcome visitor_id=a
page_view 2026-11-20T08:40:00Z site=x path=/pricing/teams visitor_id=b channel=Referral
event 2026-11-20T09:50:00Z name=signup visitor_id=b properties={"plan":"pro"}
page_view 2026-11-20T10:00:00Z site=x path=/pricing visitor_id=b channel=Direct
event 2026-11-20T10:20:00Z name=signup visitor_id=b properties={"plan":"pro"}
page_view 2026-11-20T10:40:00Z site=x path=/pricing visitor_id=c channel=Direct
page_view 2026-11-20T10:50:00Z site=x path=/pricing visitor_id=d channel=Direct
page_view 2026-11-20T10:50:00Z site=x path=/pricing visitor_id=bot bot_class=known_bot
`

func newFunnel(t *testing.T) *world {
	w := newWorld(t, Config{Timezone: "UTC"})
	w.funnel("signup", "page:/pricing*", "event:signup;plan==pro", "page:/welcome")
	w.load(ways)
	return w
}

// funnel defines one.
func (w *world) funnel(name string, steps ...string) {
	w.t.Helper()
	f := funnels.Funnel{Name: name, Window: "1h", Steps: steps}
	if _, err := funnels.Of(w.store, store.Default).Create(w.t.Context(), f, noon); err != nil {
		w.t.Fatal(err)
	}
}

// TestAFunnelIsAQuestion: it is counted as all questions are, in every format.
func TestAFunnelIsAQuestion(t *testing.T) {
	w := newFunnel(t)
	f := func(want string, args ...string) {
		t.Helper()
		if out := w.shell(append([]string{"funnels", "show"}, args...)...); !strings.Contains(out, want) {
			t.Errorf("%v:\n%s\nwant\n%s", args, out, want)
		}
	}
	f(strings.Join([]string{
		" step  name                    visitors  conversion  step_conversion  drop_off  drop_off_rate  median_seconds",
		"    1  page:/pricing*                 4       100 %            100 %         0            0 %               -",
		"    2  event:signup;plan==pro         2        50 %             50 %         2           50 %        20 m 0 s",
		"    3  page:/welcome                  1        25 %             50 %         1           50 %         1 m 0 s",
	}, "\n"), "signup")
	f("Direct       1  page:/pricing*                 3 ", "--by", "channel", "signup")
	f("step  name                    sessions  conversion", "--per", "session", "signup")
	f("    1  page:/pricing*                 5 ", "--include-bots", "signup")
	f("Nobody took the first step", "--since", "1h", "signup")
	f(`"totals":{"conversion":0.25,"completed":1,"entered":4}`, "--json", "--days", "2", "signup")
	f(`"funnel":{"name":"signup","steps":["page:/pricing*"`, "--json", "signup")
	f(" step  name                    visitors  before  change  conversion", "--since", "2h", "--compare", "previous", "signup")
	f("    1  page:/pricing*                 3       1  +200 %       100 %   100 %", "--since", "2h", "--compare", "previous", "signup")
	f(`"entered_previous":1`, "--since", "2h", "--compare", "previous", "--json", "signup")
	f("Referral     1  page:/pricing*                 0       1  -100 %", "--since", "2h", "--compare", "previous", "--by",
		"channel", "signup")
	f("exit 2: \"yesterday\" cannot be compared with", "--compare", "yesterday", "signup")
	f("exit 3: there is no funnel \"x\"", "x")
	f("exit 2: NAME is missing")
	f("exit 2: \"soon\" is not a time", "--since", "soon", "signup")
	f("exit 2: the range is empty", "--until", "2026-01-01", "--since", "1h", "signup")
	f("exit 2: a funnel cannot be counted by \"bot_class\"", "--by", "bot_class", "signup")
	f("exit 2: limit must be", "--by", "channel", "--limit", "0", "signup")
	f("exit 2: limit must be", "--by", "channel", "--limit", "1001", "signup")
	f("exit 2: per must be", "--per", "page", "signup")
	f("exit 2: the name of the file must end", "--export", "x.pdf", "signup")
	for _, format := range formats {
		path := filepath.Join(t.TempDir(), "f."+format)
		f("wrote "+path, "--by", "channel", "--limit", "1", "--export", path, "signup")
		if b, err := os.ReadFile(path); err != nil || len(b) == 0 ||
			format == "csv" && !strings.Contains(string(b), "\r\n(other),1,page:/pricing*,1,1,1,0,0,\r\n") {
			t.Errorf("%s: %v %.300s", format, err, b)
		}
	}
}

// TestAFunnelIsAtItsName, and what the name of a question is cannot hide it.
func TestAFunnelIsAtItsName(t *testing.T) {
	w := newFunnel(t)
	for _, target := range []string{"/v1/funnels/signup?since=7d", "/v1/funnels/show?id=signup&since=7d"} {
		status, _, body := w.ask(http.MethodGet, target)
		if status != http.StatusOK || !strings.Contains(body, `"rows":[{"step":1,"name":"page:/pricing*","visitors":4`) {
			t.Errorf("%s: %d %s", target, status, body)
		}
	}
	for target, field := range map[string]string{"/v1/funnels/signup?filter=exit_page==/x": "filter",
		"/v1/funnels/signup?filter=site~x": "filter", "/v1/funnels/signup?order=-visitors": "order",
		"/v1/funnels/signup?compare=never": "compare", "/v1/funnels/signup?since=9y&until=8y&x=1": "x"} {
		if status, _, body := w.ask(http.MethodGet, target); status != http.StatusBadRequest ||
			!strings.Contains(body, `"field":"`+field+`"`) {
			t.Errorf("%s: %d %s", target, status, body)
		}
	}
}

// TestAFunnelOfSome is of those whose first page view in the range passes, which are those that stand at
// that value of the dimension.
func TestAFunnelOfSome(t *testing.T) {
	w := newFunnel(t)
	f := func(want, filter string, more ...string) {
		t.Helper()
		out := w.shell(append([]string{"funnels", "show", "signup", "--json", "--filter", filter}, more...)...)
		if !strings.Contains(out, want) {
			t.Errorf("%s %v:\n%s\nwant\n%s", filter, more, out, want)
		}
	}
	f(`"totals":{"conversion":0.333333,"completed":1,"entered":3}`, "channel==Direct")
	f(`{"channel":"Direct","step":1,"name":"page:/pricing*","visitors":3,`, "channel!=Referral", "--by", "channel")
	f(`"totals":{"conversion":0,"completed":0,"entered":1}`, "channel==Referral;path==/pricing/teams")
	f(`"totals":{"conversion":0,"completed":0,"entered":0}`, "channel==Referral;path==/")
	f(`"entered":4}`, "path=~/*")
	f(`"entered":5}`, "site==x", "--include-bots")
	f(`"entered":5}`, `channel in "",Direct,Referral`, "--include-bots", "--site", "x")
	f(`"entered":0}`, "site==x", "--site", "y")
	f(`"entered":2,"entered_change":1,"entered_previous":1`, "channel==Direct;path==/pricing", "--since", "85m", "--compare", "previous")
	f("the filter is on the first page view of each in the range", "site==x")
	f("exit 2: a funnel cannot be filtered by visitor_id; it can be by browser, campaign, channel", "visitor_id==a")
	f("exit 2: a funnel cannot be filtered by chanel; it can be by", "chanel==Direct")
}

// TestFunnelsAreListedAsEverythingIs: as a table, and in every format.
func TestFunnelsAreListedAsEverythingIs(t *testing.T) {
	w := newWorld(t, Config{Timezone: "UTC"})
	if out := w.shell("funnels", "list"); !strings.Contains(out, "No funnels.") {
		t.Errorf("without any:\n%s", out)
	}
	w.funnel("signup", "page:/pricing*", "event:signup;plan==pro")
	w.funnel("buy", "page:/", "event:buy")
	const want = "name,window,created,steps\r\nbuy,1h,2026-11-20T12:00:00Z,page:/ → event:buy\r\n" +
		"signup,1h,2026-11-20T12:00:00Z,page:/pricing* → event:signup;plan==pro\r\n"
	for _, format := range formats {
		status, _, body := w.ask(http.MethodGet, "/v1/funnels/list?format="+format)
		if status != http.StatusOK || len(body) == 0 || format == "csv" && body != want {
			t.Errorf("%s: %d %s", format, status, body)
		}
	}
	for target, says := range map[string]string{
		"/v1/funnels/list?since=7d":   "funnels list is always of the same time and takes no since",
		"/v1/funnels/list?by=channel": "funnels list takes no by; funnels show does",
		"/v1/funnels/lst":             "there is no funnel \\\"lst\\\"; `analytics funnels list` shows them; the question is at /v1/funnels/list",
		"/v1/agents/trend?since=7d":   "; the question is at /v1/agents/trends\"",
	} {
		if _, _, body := w.ask(http.MethodGet, target); !strings.Contains(body, says) {
			t.Errorf("%s: %s\nwant %s", target, body, says)
		}
	}
}
