package discord_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"analytics/report/discord"
	"analytics/report/discord/double"
	"analytics/report/outbox"
)

// FuzzLetter has any strings at all in a letter, and a template: it passes the double.
func FuzzLetter(f *testing.F) {
	f.Add("@everyone <@1> [x](http://e)", "https://e.example", 3)
	f.Add(strings.Repeat("*_&", 3000), strings.Repeat("🙂", 4000), 40)
	f.Add("\xff\xfe\u202e", " ", 1)
	usual, err := discord.NewClient("https://discord.com/api/webhooks/1/x", nil)
	if err != nil {
		f.Fatal(err)
	}
	worded, err := discord.NewClient("https://discord.com/api/webhooks/1/x", nil)
	if err != nil {
		f.Fatal(err)
	}
	worded.Template, err = outbox.ParseTemplate("{{.Title}} {{.Place}}", "{{.Text}}{{range .Facts}}{{.Name}}{{.Value}}{{end}}")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, a, b string, n int) {
		a, b = a[:min(len(a), 20_000)], b[:min(len(b), 20_000)]
		note := outbox.Note{Title: a, Mood: outbox.Mood(b), Place: b, At: time.Unix(int64(n), 0)}
		for i := range min(max(n, 0), 60) {
			note.Lines = append(note.Lines, a, b)
			note.Facts = append(note.Facts, outbox.Fact{Name: a, Value: b})
			note.Tables = append(note.Tables, outbox.Table{Title: b, Brief: i, Rows: [][]string{{a, b}, {b, a}},
				Columns: []outbox.Column{{Label: a, Brief: true}, {Label: b, Brief: true, Right: true}}})
		}
		for _, c := range []*discord.Client{usual, worded} {
			form, err := c.Form(outbox.Letter{Report: "r", Period: "p", Note: note})
			if err != nil {
				t.Fatal(err)
			}
			m := double.Message{AllowedMentions: json.RawMessage(`{"parse":[]}`)}
			if err := json.Unmarshal(form, &m); err != nil {
				t.Fatal(err)
			}
			for _, p := range double.Problems(m) {
				t.Error(p)
			}
		}
	})
}
