package report

import (
	"encoding/json"
	"flag"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	"analytics/engine/event"
	"analytics/report/discord"
	discorddouble "analytics/report/discord/double"
	"analytics/report/email"
	"analytics/report/outbox"
	"analytics/report/slack"
	slackdouble "analytics/report/slack/double"
	"analytics/report/webhook"
)

var formsSeed = flag.Uint64("forms.seed", 0, "seed of the reports that are made up; 0 takes one of the clock")

// TestAnyReportFitsEveryChannel makes reports and alerts up, of strings that are long, evil or not
// text at all, and holds their forms against what each place takes.
func TestAnyReportFitsEveryChannel(t *testing.T) {
	seed := *formsSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	rnd := rand.New(rand.NewPCG(seed, 1))
	chat, err := discord.NewClient("https://discord.com/api/webhooks/1/x", nil)
	if err != nil {
		t.Fatal(err)
	}
	hook, err := slack.NewClient("https://hooks.slack.com/services/T/B/x", nil)
	if err != nil {
		t.Fatal(err)
	}
	program, err := webhook.NewClient("ops", "https://h.example/x",
		[]string{"whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="}, nil)
	if err != nil {
		t.Fatal(err)
	}
	mail, err := email.New("smtp://h", "a@example.com", []string{"b@example.com"}, []netip.Prefix{})
	if err != nil {
		t.Fatal(err)
	}
	for range 40 {
		r := madeUp(rnd)
		l := outbox.Letter{Report: CostsName, Period: "2026-11-20", Note: r.letter()}
		if rnd.IntN(2) == 0 {
			l.Topic, l.Severity = outbox.Alerts, "high"
			l.Note.Facts = []outbox.Fact{{Name: text1(rnd), Value: text1(rnd)}, {Name: text1(rnd), Value: ""}}
		}
		m := discorddouble.Message{AllowedMentions: json.RawMessage(`{"parse":[]}`)}
		form(t, chat, l, &m)
		for _, p := range discorddouble.Problems(m) {
			t.Errorf("Discord: %s", p)
		}
		var s slackdouble.Message
		form(t, hook, l, &s)
		for _, p := range slackdouble.Problems(s) {
			t.Errorf("Slack: %s", p)
		}
		form(t, program, l, new(webhook.Body))
		var e struct{ Subject, Text, HTML string }
		form(t, mail, l, &e)
		if strings.ContainsAny(e.Subject, "\r\n\x00") || strings.Contains(e.HTML, "<script") || e.Text == "" {
			t.Errorf("e-mail: %.200q", e)
		}
		if t.Failed() {
			t.Fatalf("-forms.seed %d", seed)
		}
	}
}

func form(t *testing.T, s outbox.Sender, l outbox.Letter, into any) {
	t.Helper()
	b, err := s.Form(l)
	if err == nil {
		err = json.Unmarshal(b, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// text1 is a string of anybody.
func text1(rnd *rand.Rand) string {
	var b strings.Builder
	for range rnd.IntN(4) {
		switch rnd.IntN(4) {
		case 0:
			b.WriteString(strings.Repeat(evil[rnd.IntN(len(evil))], 1+rnd.IntN(20)))
		case 1:
			b.WriteString(strings.Repeat("🙂é ", rnd.IntN(1500)))
		case 2:
			b.WriteRune(rune(rnd.IntN(0x11_0000)))
		default:
			b.WriteString(evil[rnd.IntN(len(evil))] + "\xff")
		}
	}
	return b.String()
}

// madeUp is a report of anything.
func madeUp(rnd *rand.Rand) *Report {
	r := &Report{Name: CostsName, Title: text1(rnd), Span: DayOf(2026, time.November, 20, time.UTC),
		Mood: Mood(rnd.IntN(3)), Partial: rnd.IntN(2) == 0, Written: time.Unix(rnd.Int64N(4e9), 0)}
	for range rnd.IntN(30) {
		r.Headline = append(r.Headline, text1(rnd))
		r.Notes = append(r.Notes, text1(rnd))
	}
	for range rnd.IntN(20) {
		s := Section{Title: text1(rnd), Note: text1(rnd), Card: rnd.IntN(10)}
		s.Columns = []Column{
			text(text1(rnd), text1(rnd)), number("n", text1(rnd)).carded(), number("m", text1(rnd)).carded(),
		}
		for range rnd.IntN(6) {
			cells := []any{
				nil, rnd.Int64(), event.NanoUSD(rnd.Int64()), Share(rnd.NormFloat64()), Change(rnd.NormFloat64() * 1e9),
			}
			s.Rows = append(s.Rows, []any{text1(rnd), cells[rnd.IntN(len(cells))], cells[rnd.IntN(len(cells))]})
		}
		r.Sections = append(r.Sections, s)
	}
	return r
}
