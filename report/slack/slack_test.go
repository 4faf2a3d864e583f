package slack_test

import (
	"encoding/json"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"analytics/report/outbox"
	"analytics/report/slack"
	"analytics/report/slack/double"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

func client(t testing.TB, d *double.Slack) *slack.Client {
	t.Helper()
	c, err := slack.NewClient(d.URL, loopback)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func send(t testing.TB, c *slack.Client, l outbox.Letter) error {
	t.Helper()
	form, err := c.Form(l)
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = c.Send(t.Context(), outbox.Parcel{Form: form, Now: time.Unix(1_800_000_000, 0)})
	return err
}

func TestAnAlertArrives(t *testing.T) {
	d := double.New(t)
	if err := send(t, client(t, d), outbox.Samples()[0]); err != nil {
		t.Fatal(err)
	}
	m := d.Messages()[0]
	want := "🔴 Daily budget passed\n" +
		"$104.20 were spent on 2026-11-20: the threshold of $100.00 is passed.\n" +
		"• Most of it went to \"gpt-4o\".\n" +
		"Spent: $104.20\nThreshold: $100.00\nPeriod: 2026-11-20\nMost of it:\ngpt-4o $80.00\n" +
		"3 requests have no price.\nalert · daily_cost-100-notify-2026-11-20 · Europe/Berlin"
	if m.Text != want {
		t.Errorf("got  %s\nwant %s", m.Text, want)
	}
	var kinds []string
	for _, b := range m.Blocks {
		kinds = append(kinds, b.Type)
	}
	if got := strings.Join(kinds, " "); got != "header section section section context context" {
		t.Errorf("blocks %s", got)
	}
	if f := m.Blocks[2].Fields; len(f) != 3 || f[0].Text != "*Spent*\n$104.20" {
		t.Errorf("fields %+v", f)
	}
}

func TestTheTemplateWordsTheMessage(t *testing.T) {
	d := double.New(t)
	c := client(t, d)
	var err error
	if c.Template, err = outbox.ParseTemplate("{{.Severity}}: {{.Title}}", "*{{.Headline}}*\n{{.Fact \"Spent\"}}"); err != nil {
		t.Fatal(err)
	}
	l := outbox.Samples()[0]
	l.Note.Lines = []string{"<!channel> *x*"}
	if err := send(t, c, l); err != nil {
		t.Fatal(err)
	}
	m := d.Messages()[0]
	if m.Blocks[0].Text.Text != "high: Daily budget passed" ||
		m.Blocks[1].Text.Text != "*&lt;!channel&gt; ∗x∗*\n$104.20" || len(m.Blocks) != 3 {
		t.Errorf("got %+v", m)
	}
}

func TestAnswersDecideTheFate(t *testing.T) {
	d := double.New(t)
	c := client(t, d)
	f := func(status int, body string, fate outbox.Fate, says string) {
		t.Helper()
		d.Script(func(int) *double.Answer {
			return &double.Answer{Status: status, Body: body, Header: map[string]string{"Retry-After": "30"}}
		})
		err := send(t, c, outbox.Samples()[0])
		r, ok := errors.AsType[*outbox.Refusal](err)
		if !ok || r.Fate != fate || !strings.Contains(r.Error(), says) || r.Do == "" {
			t.Errorf("%d %s: %#v", status, body, err)
		}
		if strings.Contains(r.Error()+r.Do, double.Token) {
			t.Errorf("the error says the token: %v", r)
		}
		if status == 429 && r.After != 30*time.Second {
			t.Errorf("429 waits %v", r.After)
		}
	}
	f(429, "rate_limited", outbox.Wait, "rate_limited")
	f(400, "invalid_payload", outbox.Bad, "invalid_payload")
	f(403, "action_prohibited", outbox.Closed, "action_prohibited")
	f(404, "no_service", outbox.Closed, "no_service")
	f(404, "channel_not_found "+double.Token, outbox.Closed, "channel_not_found")
	f(410, "channel_is_archived", outbox.Closed, "channel_is_archived")
	f(500, "rollup_error", outbox.Again, "rollup_error")
	f(502, "<html><body>nginx</body>", outbox.Again, "Bad Gateway")
	f(400, `{"id":"web.incoming_webhook.text.length.app_error","message":"Max length is 16383"}`, outbox.Bad, "16383")
}

func TestStringsOfAnybodyAreInert(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		if got := slack.Escape(in); got != want {
			t.Errorf("Escape(%q) = %q, want %q", in, got, want)
		}
	}
	f("plain text 1.5, 14:03", "plain text 1.5, 14:03")
	f("gpt-4o rate_limit", "gpt-4o rate_limit")
	f("a & b < c > d", "a &amp; b &lt; c &gt; d")
	f("<!channel> <@U1> <http://e|x>", "&lt;!channel&gt; &lt;@\u200bU1&gt; &lt;http:\u200b//e|x&gt;")
	f("@here ＠all", "@\u200bhere @\u200ball")
	f("*b* _i_ ~s~ `c` __x__", "∗b∗ ˍiˍ ∼s∼ ˋcˋ ˍˍxˍˍ")
	f("[x](https://e) www.e.example", "[x]\u200b(https:\u200b//e) www\u200b.e.example")
	f(":smile: 1:2", ":\u200bsmile: 1:2")
	f("# head", "\u200b# head")
	f("a\nb\u202ec\x00", "a bc")
}

// FuzzMessage has any strings at all in a message: it passes the double.
func FuzzMessage(f *testing.F) {
	f.Add("<!channel> & *x*", "https://e.example", 3)
	f.Add(strings.Repeat("&<>@", 2000), strings.Repeat("🙂", 5000), 70)
	f.Add("\xff\xfe", " ", 0)
	c, err := slack.NewClient("https://hooks.slack.com/services/T/B/x", nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, a, b string, n int) {
		a, b = a[:min(len(a), 20_000)], b[:min(len(b), 20_000)]
		note := outbox.Note{Title: a, Mood: outbox.Alarming, Place: b}
		for i := range min(max(n, 0), 80) {
			note.Lines = append(note.Lines, a, b)
			note.Facts = append(note.Facts, outbox.Fact{Name: a, Value: b})
			note.Small = append(note.Small, b+a)
			note.Tables = append(note.Tables, outbox.Table{Title: b, Brief: i, Rows: [][]string{{a, b}, {b, a}},
				Columns: []outbox.Column{{Label: a, Brief: true}, {Label: b, Brief: true, Right: true}}})
		}
		form, err := c.Form(outbox.Letter{Report: "r", Period: "p", Note: note})
		if err != nil {
			t.Fatal(err)
		}
		var m double.Message
		if err := json.Unmarshal(form, &m); err != nil {
			t.Fatal(err)
		}
		for _, p := range double.Problems(m) {
			t.Error(p)
		}
	})
}
