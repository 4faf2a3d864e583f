package oracletest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"
)

// The events are of sixteen days in which the clocks of Europe and of America are both put back.
var (
	firstDay = time.Date(2025, 10, 20, 0, 0, 0, 0, time.UTC)
	lastDay  = time.Date(2025, 11, 5, 0, 0, 0, 0, time.UTC)
)

// What values fields have. Some of them break a program that puts text into text.
var (
	odd = []string{"", "plain", "two words", "a;b", "a,b", `quo"te`, `back\slash`, "it's", "(x)", "=eq", "~t",
		"naïve", "日本", "a*b", "OR 1=1", "%25", "a:b/c"}
	models    = []string{"gpt-4o", "gpt-4o-mini", "claude-sonnet-4-5", "gemini-2.5-flash", "our-own-7b"}
	providers = []string{"openai", "openai", "anthropic", "gemini", "self-hosted"}
	agents    = []string{"", "support", "coder", "mailer"}
	tools     = []string{"search", "read file", "run;rm", "fetch"}
	paths     = []string{"/", "/pricing", "/blog/a", "/blog/b", "/docs/x y", "/ü"}
	names     = []string{"signup", "buy", "scroll"}
	browsers  = []string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 " +
			"Mobile/15E148 Safari/604.1",
		"Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
		"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
		"curl/8.5.0", "",
	}
	referrers = []string{"", "https://www.google.com/", "https://news.ycombinator.com/item?id=1", "https://chatgpt.com/"}
)

// line is one event.
type line map[string]any

// writeEvents writes n events a kind in disorder.
func writeEvents(t *testing.T, r *rand.Rand, path string, n int) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	out := json.NewEncoder(w)
	kinds := []func(*rand.Rand) line{request, toolCall, task, view, reading, named, activity, sample}
	for i := range n * len(kinds) {
		e := kinds[i%len(kinds)](r)
		span := lastDay.Sub(firstDay)
		e["timestamp"] = firstDay.Add(time.Duration(r.Int64N(int64(span)))).Format(time.RFC3339Nano)
		if r.IntN(3) > 0 {
			e["user_id"] = fmt.Sprintf("user %d", r.IntN(400))
		}
		if r.IntN(2) > 0 {
			e["project"] = odd[r.IntN(len(odd))]
		}
		if err := out.Encode(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
}

func some[T any](r *rand.Rand, of []T) T { return of[r.IntN(len(of))] }

// outcome sets success, or leaves it open.
func outcome(r *rand.Rand, e line) line {
	switch r.IntN(10) {
	case 0:
	case 1:
		e["success"], e["error_type"] = false, some(r, []string{"timeout", "rate_limit", "5xx; no"})
	default:
		e["success"] = true
	}
	if r.IntN(8) > 0 { // from a millisecond to a minute, most of them short
		e["duration_ms"] = float64(int(r.ExpFloat64()*4e6)) / 1000
	}
	return e
}

func request(r *rand.Rand) line {
	m := r.IntN(len(models))
	e := line{"type": "ai_request", "model": models[m], "provider": providers[m], "agent": some(r, agents),
		"endpoint": "/v1/chat/completions", "stream": r.IntN(2) == 0, "prompt_id": some(r, odd),
		"status_code": some(r, []int{200, 200, 200, 429, 500})}
	if e["status_code"] != 200 {
		e["success"], e["error_type"] = false, "http"
	}
	in := r.IntN(5000)
	e["input_tokens"], e["output_tokens"] = in, r.IntN(900)
	if r.IntN(3) == 0 {
		e["cache_read_tokens"] = r.IntN(in + 1)
	}
	if r.IntN(4) > 0 {
		e["duration_ms"] = float64(int(r.ExpFloat64()*9e5)) / 1000
		e["ttfb_ms"] = 1 + r.IntN(300)
	}
	if r.IntN(3) == 0 {
		e["conversation_id"] = fmt.Sprint("c", r.IntN(5000))
	}
	return e
}

func toolCall(r *rand.Rand) line {
	return outcome(r, line{"type": "tool_call", "tool": some(r, tools), "server": some(r, odd),
		"agent": some(r, agents), "result_bytes": r.IntN(1 << 20)})
}

func task(r *rand.Rand) line {
	return outcome(r, line{"type": "agent_task", "agent": some(r, agents[1:]), "task": some(r, odd),
		"status": some(r, []string{"started", "completed", "failed"})})
}

func view(r *rand.Rand) line {
	return line{"type": "page_view", "url": "https://a.example" + some(r, paths), "referrer": some(r, referrers),
		"user_agent": some(r, browsers), "client_ip": fmt.Sprintf("93.184.%d.%d", r.IntN(4), r.IntN(250)),
		"language": some(r, []string{"de", "en-US", ""})}
}

func reading(r *rand.Rand) line {
	e := line{"type": "engagement", "url": "https://a.example" + some(r, paths),
		"user_agent": some(r, browsers), "clicks": r.IntN(4)}
	if r.IntN(4) > 0 {
		e["time_on_page_ms"], e["scroll_depth"] = r.IntN(90_000), r.IntN(101)
	}
	return e
}

func named(r *rand.Rand) line {
	return line{"type": "event", "name": some(r, names), "url": "https://a.example" + some(r, paths),
		"user_agent": some(r, browsers)}
}

func activity(r *rand.Rand) line {
	return line{"type": "activity", "category": some(r, []string{"authentication", "data_access"}),
		"action": some(r, []string{"login", "file_accessed"}), "actor": fmt.Sprint("a", r.IntN(30)),
		"severity": some(r, []string{"low", "medium", "high"})}
}

func sample(r *rand.Rand) line {
	return line{"type": "metric", "name": some(r, []string{"cpu", "rss"}), "unit": some(r, []string{"%", ""}),
		"value": float64(r.IntN(10_000)) / 8} // eighths add up without rounding
}
