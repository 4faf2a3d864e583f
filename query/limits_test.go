package query

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/store"
)

func TestLimitsSayWhichTheyAre(t *testing.T) {
	w := newWorld(t, Config{MaxGroups: 10, MaxDays: 30})
	for i := range 40 {
		e := w.begin(event.AIRequest, noon.Add(-time.Hour))
		e.SetText(event.AIModel, fmt.Appendf(nil, "model-%d", i))
		w.add()
	}
	w.commit()
	f := func(q Question, code string) {
		t.Helper()
		q.Metrics = append(q.Metrics, "requests")
		if q.From.IsZero() {
			q.From, q.To = noon.Add(-24*time.Hour), noon
		}
		_, err := w.desk.Answer(context.Background(), store.Default, q)
		if got := fault.Of(err).Code; err == nil && code != "" || err != nil && got != code {
			t.Errorf("%+v: %v, want %q", q, err, code)
		}
	}
	f(Question{By: []string{"model"}}, "too_many_groups")
	f(Question{By: []string{"model"}, Limit: 10}, "")
	f(Question{By: []string{"model"}, Interval: "hour", Limit: 10}, "")
	f(Question{From: noon.AddDate(0, 0, -31), To: noon}, "range_too_long")
	f(Question{From: noon.AddDate(0, 0, -30), To: noon}, "")
	f(Question{By: strings.Fields("model provider agent project user_id tier")}, "too_many_dimensions")
	f(Question{Metrics: make([]string, 50)}, "unknown_metric")
	f(Question{From: noon, To: noon}, "invalid_range")
	f(Question{Interval: "fortnight"}, "invalid_interval")
	f(Question{Compare: "lunch"}, "invalid_compare")
	f(Question{TZ: "Mars/Base"}, "invalid_timezone")
	f(Question{Filter: "model"}, "invalid_filter")
	f(Question{By: []string{"requests"}}, "invalid_combination")
	f(Question{Limit: -1}, "invalid_parameter")
	if _, err := w.desk.List(context.Background(), store.Default, Listing{Limit: 1e6}); fault.Of(err).Code != "too_many_rows" {
		t.Errorf("a list of a million: %v", err)
	}
}

// Each limit is met over HTTP, and its error says which it is, in words and by the parameter.
func TestLimitsAreToldOverHTTP(t *testing.T) {
	w := newWorld(t, Config{})
	for i := range 300 {
		w.begin(event.AIRequest, noon.Add(-time.Hour)).SetText(event.AIModel, fmt.Appendf(nil, "model-%d", i))
		w.add()
	}
	w.commit()
	f := func(target string, status int, code, field, says string) {
		t.Helper()
		got, header, body := w.ask("GET", target)
		var told struct {
			Error struct{ Code, Message, Field string }
		}
		if err := json.Unmarshal([]byte(body), &told); err != nil {
			t.Fatalf("%s: %d %.200s", target, got, body)
		}
		e := told.Error
		if got != status || e.Code != code || e.Field != field || !strings.Contains(e.Message, says) {
			t.Errorf("%s: %d %s, want %d %s (%s) that says %s", target, got, body, status, code, field, says)
		}
		if status > 428 && header.Get("Retry-After") == "" {
			t.Errorf("%s: nobody says when to come again", target)
		}
	}
	const q = "/v1/query?metrics=requests"
	f(q+"&since=1101d", 400, "range_too_long", "since", "1100 days")
	f("/v1/traffic/transitions?since=1102d", 400, "range_too_long", "since", "1100 days")
	f("/v1/costs/trends?days=1102", 400, "range_too_long", "days", "1100 days")
	f("/v1/overview?from=2020-01-01", 400, "range_too_long", "from", "1100 days")
	f("/v1/costs/summary?until=2h&to=1h", 400, "invalid_parameter", "until", "twice")
	f("/v1/costs/summary?to=never", 400, "invalid_range", "to", "not a time")
	f("/v1/requests/list?limit=10001", 400, "too_many_rows", "limit", "10000 events")
	f("/v1/events?limit=1000000", 400, "too_many_rows", "limit", "10000 events")
	f(q+"&by="+strings.Repeat("model,", 5)+"agent,tier,project,provider,user_id", 400, "too_many_dimensions", "by", "5 dim")
	w.desk.limits.Groups = 200
	f(q+"&by=model", 400, "too_many_groups", "by", "200")
	f("/v1/requests/models?limit=250", 400, "too_many_groups", "by", "200")
	w.desk.limits.Groups, w.desk.limits.Cells = 10_000, 100 // memory: what is counted, whatever is shown
	f(q+"&by=model&limit=1", 400, "too_many_groups", "by", "limit of 100, whatever is shown")
	w.desk.limits.Cells, w.desk.limits.Answer = 200_000, 1000
	f(q+"&by=model&interval=hour&since=1d", 400, "too_many_rows", "interval", "1000")
	w.desk.limits = defaultLimits
	w.desk.limits.Time = -1
	f(q, 503, "time_limit", "", "shorter range")
	f("/v1/requests/list", 503, "time_limit", "", "shorter range")
	f("/v1/overview", 503, "time_limit", "", "shorter range")
	w.desk.limits.Time, w.desk.limits.Concurrent = 1, 1
	_, leave, err := w.desk.enter(context.Background(), store.Default)
	if err != nil {
		t.Fatal(err)
	}
	defer leave()
	for range cap(w.desk.gates[store.Default]) - 1 {
		w.desk.gates[store.Default] <- struct{}{}
	}
	f(q, 429, "too_many_questions", "", "try again")
}

func TestQuestionsWaitTheirTurn(t *testing.T) {
	w := newWorld(t, Config{Concurrent: 1, Timeout: 50 * time.Millisecond})
	q := Question{Metrics: []string{"requests"}, From: noon.Add(-time.Hour), To: noon}
	_, leave, err := w.desk.enter(context.Background(), store.Default)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.desk.Answer(context.Background(), store.Default, q); fault.Of(err).Code != "too_many_questions" {
		t.Errorf("beside another question: %v", err)
	}
	if _, err := w.desk.Answer(context.Background(), store.Tenant{'x'}, q); err != nil {
		t.Errorf("another tenant had to wait: %v", err)
	}
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := w.desk.Answer(gone, store.Default, q); !errors.Is(err, context.Canceled) {
		t.Errorf("who left is told %v", err)
	}
	leave()
	if _, err := w.desk.Answer(context.Background(), store.Default, q); err != nil {
		t.Errorf("after the other question: %v", err)
	}
}

func TestTenantsSeeTheirOwn(t *testing.T) {
	w := newWorld(t, Config{})
	w.begin(event.AIRequest, noon.Add(-time.Minute)).SetText(event.AIModel, []byte("m"))
	w.add()
	w.commit()
	q := Question{Metrics: []string{"requests"}, From: noon.Add(-time.Hour), To: noon}
	for tenant, want := range map[store.Tenant]int64{store.Default: 1, {'x'}: 0} {
		a, err := w.desk.Answer(context.Background(), tenant, q)
		if err != nil || a.Rows[0][0] != want {
			t.Errorf("%s sees %v, %v; want %d", tenant, a, err, want)
		}
		l, err := w.desk.List(context.Background(), tenant, Listing{From: q.From, To: q.To})
		if err != nil || int64(len(l.Rows)) != want {
			t.Errorf("%s lists %v, %v; want %d", tenant, l, err, want)
		}
	}
}

func TestNewestEventIsInTheAnswer(t *testing.T) {
	w := newWorld(t, Config{})
	q := Question{Metrics: []string{"requests"}, From: noon.Add(-time.Hour), To: noon}
	for want := range int64(5) {
		a, err := w.desk.Answer(context.Background(), store.Default, q)
		if err != nil || a.Rows[0][0] != want {
			t.Fatalf("%v, %v; want %d", a.Rows, err, want)
		}
		w.begin(event.AIRequest, noon.Add(-time.Second)).SetText(event.AIModel, []byte("m"))
		w.add()
		w.commit()
	}
}

// FuzzAsk asks anything of a desk over HTTP parameters: it answers, or says what is wrong with it.
func FuzzAsk(f *testing.F) {
	w := newWorld(f, Config{})
	f.Add("metrics=cost,requests&by=model&since=7d&interval=day&filter=provider==openai;x=~a*&tz=UTC")
	f.Add("metrics=errors&by=tool&compare=previous&order=-errors&limit=3&share=1&days=2")
	f.Add("fields=all&limit=3&cursor=AAZgs5CAPgABAGV2ZW50LTAwMDAwMDA2")
	f.Fuzz(func(t *testing.T, query string) {
		for _, path := range []string{"/v1/query?", "/v1/events?", "/v1/costs/trends?", "/v1/overview?"} {
			if strings.ContainsAny(query, " \n\r\t\x00#") || !printable(query) {
				return
			}
			if status, _, body := w.ask("GET", path+query); status >= 500 {
				t.Fatalf("%s%s: %d %s", path, query, status, body)
			}
		}
	})
}

func printable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}
