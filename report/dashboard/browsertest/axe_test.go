package browsertest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// axeVersion is the accessibility checker, as npm has it.
const axeVersion = "4.14.1"

// axe fetches the checker.
func axe(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if _, err := exec.LookPath("npm"); err != nil {
		missing(t, "npm")
	}
	pack := exec.Command("npm", "pack", "--silent", "axe-core@"+axeVersion)
	pack.Dir = dir
	if out, err := pack.CombinedOutput(); err != nil {
		missing(t, "axe-core: "+string(out))
	}
	unpack := exec.Command("tar", "-xzf", "axe-core-"+axeVersion+".tgz")
	unpack.Dir = dir
	if out, err := unpack.CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	text, err := os.ReadFile(filepath.Join(dir, "package", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestCheckerFindsNothing(t *testing.T) {
	script := axe(t)
	h := start(t)
	h.work()
	b := browse(t, h)
	for _, c := range []struct {
		width int64
		dark  bool
	}{{1360, false}, {1360, true}, {390, false}, {390, true}} {
		b.look(c.width, c.dark)
		for _, id := range ids(b) {
			b.visit(id)
			value[any](b, script+";0")
			value[any](b, `window.found = null; axe.run().then((r) => { window.found = JSON.stringify(r.violations.map((v) =>
				v.id + ': ' + v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160) + ' ' + n.failureSummary).join(' | '))); }); 0`)
			b.eventually("window.found !== null")
			var found []string
			if err := json.Unmarshal([]byte(value[string](b, "window.found")), &found); err != nil {
				t.Fatal(err)
			}
			if len(found) > 0 {
				t.Errorf("%s at %d, dark %t: %s", id, c.width, c.dark, strings.Join(found, "\n"))
			}
			if wide := value[bool](b, "document.documentElement.scrollWidth > innerWidth"); wide {
				t.Errorf("%s is wider than %d", id, c.width)
			}
		}
		b.shoot(fmt.Sprintf("last-%d-%t", c.width, c.dark))
	}
}

// polyglots are texts that are markup or code in one place or another.
var polyglots = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `'><svg/onload=alert(1)>`,
	"jaVasCript:/*-/*`/*\\`/*'/*\"/**/(/* */oNcliCk=alert() )//</stYle/</titLe/</teXtarEa/</scRipt/--!><sVg/oNloAd=alert()//>",
	`{{constructor.constructor('alert(1)')()}}`, `</title><iframe src=javascript:alert(1)>`,
}

func TestTextsOfUsersAreText(t *testing.T) {
	h := start(t)
	for i, p := range polyglots {
		id, s := fmt.Sprint(i), p[:min(64, len(p))] // some fields take no more
		h.send(map[string]any{"type": "ai_request", "model": p, "provider": s, "agent": p, "user_id": p, "project": p,
			"prompt_id": p, "conversation_id": s, "trace_id": s, "error_type": p, "error_message": p, "status_code": 500},
			map[string]any{"type": "tool_call", "tool": p, "server": p, "agent": p, "trace_id": s, "success": false,
				"error_type": p},
			map[string]any{"type": "agent_task", "agent": p, "task": p, "status": "failed", "error_type": p},
			map[string]any{"type": "page_view", "title": p, "visitor_id": id, "session_id": id, "user_agent": p,
				"language": s, "content_id": p, "url": "https://example.org/" + url.PathEscape(p) + "?utm_source=" +
					url.QueryEscape(p) + "&utm_campaign=" + url.QueryEscape(p) + "&utm_medium=" + url.QueryEscape(p)},
			map[string]any{"type": "activity", "category": s, "action": p, "actor": p, "target": p},
			map[string]any{"type": "event", "name": p, "path": "/" + p, "target": p})
	}
	h.call(http.MethodPost, "/v1/keys", map[string]any{"name": polyglots[0], "scopes": []string{"query"}}, nil)
	b := browse(t, h)
	clean := func(where string) {
		t.Helper()
		if bad := value[string](b, `[...document.querySelectorAll('main *, nav *')].filter((n) =>
			/^(script|img|iframe|object|embed|base|style|link)$/i.test(n.tagName) ||
			[...n.attributes].some((a) => /^on/i.test(a.name) ||
				(/^(href|src|action)$/i.test(a.name) && /^\s*javascript:/i.test(a.value))))
			.map((n) => n.outerHTML.slice(0, 200)).join('\n')`); bad != "" {
			t.Errorf("%s: %s", where, bad)
		}
	}
	for _, id := range ids(b) {
		b.open("/?page=" + id)
		clean(id)
	}
	b.open("/?page=requests")
	if !value[bool](b, `document.body.innerText.includes('<script>alert(1)</script>')`) {
		t.Error("the text is not shown")
	}
	// As filter and as id in the address, too.
	for _, p := range polyglots {
		b.open("/?page=models&filter=" + escape(`model=="`+strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(p)+`"`))
		clean("filter " + p)
		if n := value[int](b, `document.querySelectorAll('section[aria-label="Models"] tbody tr').length`); n != 1 {
			t.Errorf("filter %q: %d models, want one", p, n)
		}
	}
	b.open("/?page=trace&id=" + escape(polyglots[0]))
	clean("trace")
}
