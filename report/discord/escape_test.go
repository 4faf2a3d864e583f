package discord

import (
	"strings"
	"testing"
	"unicode/utf8"

	"analytics/report/outbox"
)

func TestEscapeMakesStringsInert(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		if got := Escape(in); got != want {
			t.Errorf("Escape(%q) = %q, want %q", in, got, want)
		}
	}
	f("", "")
	f("plain text 1.5", "plain text 1.5")
	f("gpt-4o", `gpt\-4o`)
	f("@everyone", `\@everyone`)
	f("＠here", `\@here`)
	f("<@&123>", `\<\@\&123\>`)
	f("<@!1><#2><:x:3><t:1:R></run:4>", `\<\@!1\>\<\#2\>\<:x:3\>\<t:1:R\>\</run:4\>`)
	f("[x](http://e)", `\[x\]\(http:\//e\)`)
	f("https://evil.example/a", `https:\//evil.example/a`)
	f("javascript:alert(1)", `javascript:alert\(1\)`)
	f("discord.gg/abc Discord.GG/x", `discord.gg\/abc Discord.GG\/x`)
	f("**b** __u__ ~~s~~ `c` ||p||", "\\*\\*b\\*\\* \\_\\_u\\_\\_ \\~\\~s\\~\\~ \\`c\\` \\|\\|p\\|\\|")
	f("> quote # head - list", `\> quote \# head \- list`)
	f("a\nb\r\nc\td\u2028e", "a b  c d e")
	f("a\x00\x1b[31mred\x7f\u0085", `a\[31mred`)
	f("admin\u202egnp.exe\u2066x\u2069", "admingnp.exex")
	f("z\u200bw\u200dj\ufeff\u2060\u00ad\U000e0041\u3164\ufe0f!", "zwj!")
	f("bad\xff\xfeutf", "bad\ufffdutf")
	f(`back\slash`, `back\\slash`)
	f("naïve 日本語 🙂", "naïve 日本語 🙂")
}

func TestFitKeepsEveryLimit(t *testing.T) {
	long := strings.Repeat("é", 7000)
	var m Message
	m.Content = long
	for range 12 {
		e := Embed{Title: long, Description: long, Footer: &Footer{Text: "report · 2026-11-20"}}
		for range 30 {
			e.Fields = append(e.Fields, Field{Name: long, Value: long}, Field{})
		}
		m.Embeds = append(m.Embeds, e)
	}
	fit := m.Fit()
	if n := len(fit.Embeds); n != 10 {
		t.Errorf("%d embeds", n)
	}
	total := 0
	for _, e := range fit.Embeds {
		if e.Footer == nil || e.Footer.Text != "report · 2026-11-20" {
			t.Errorf("footer %v was not kept", e.Footer)
		}
		total += outbox.Width(e.Title) + outbox.Width(e.Description) + outbox.Width(e.Footer.Text)
		for _, f := range e.Fields {
			total += outbox.Width(f.Name) + outbox.Width(f.Value)
		}
	}
	if total > 6000 || total < 5900 {
		t.Errorf("%d characters", total)
	}
	many := Embed{Title: "t"}
	for range 60 {
		many.Fields = append(many.Fields, Field{Name: "n"})
	}
	if got := (Message{Embeds: []Embed{many}}).Fit().Embeds[0].Fields; len(got) != 25 ||
		got[0].Value != "–" {
		t.Errorf("%d fields, first %+v", len(got), got[0])
	}
	if got := (Message{}).Fit(); got.Content == "" {
		t.Error("an empty message stays empty")
	}
}

func FuzzEscape(f *testing.F) {
	f.Add("[x](http://e) <@1> \u202e", 10)
	f.Fuzz(func(t *testing.T, s string, n int) {
		got := outbox.Cut(Escape(s), n)
		if outbox.Width(got) > max(n, 0) || !utf8.ValidString(got) {
			t.Errorf("outbox.Cut(Escape(%q), %d) = %q", s, n, got)
		}
		if strings.Contains(got, "://") || strings.ContainsAny(got, "\u202e\u200b\x00\n") {
			t.Errorf("Escape(%q) = %q", s, got)
		}
	})
}
