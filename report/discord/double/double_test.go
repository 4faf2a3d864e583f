package double

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestEachLimitIsChecked has messages that are at a limit, and one over it.
func TestEachLimitIsChecked(t *testing.T) {
	f := func(what string, limit int, path string, make func(m *Message, n int)) {
		t.Helper()
		for _, n := range []int{limit, limit + 1} {
			m := Message{AllowedMentions: json.RawMessage(`{"parse":[]}`), Content: "x"}
			make(&m, n)
			all := Problems(m)
			if n == limit && len(all) > 0 {
				t.Errorf("%s of %d: %v", what, n, all)
			}
			if n > limit && (len(all) != 1 || all[0].Path != path) {
				t.Errorf("%s of %d: %v, want one at %s", what, n, all, path)
			}
		}
	}
	s := func(n int) string { return strings.Repeat("é", n) }
	one := func(m *Message) *Embed { m.Embeds = []Embed{{Title: "t"}}; return &m.Embeds[0] }
	f("content", 2000, "content", func(m *Message, n int) { m.Content = s(n) })
	f("username", 80, "username", func(m *Message, n int) { m.Username = s(n) })
	f("embeds", 10, "embeds", func(m *Message, n int) {
		for range n {
			m.Embeds = append(m.Embeds, Embed{Title: "t"})
		}
	})
	f("title", 256, "embeds.0.title", func(m *Message, n int) { one(m).Title = s(n) })
	f("description", 4096, "embeds.0.description", func(m *Message, n int) { one(m).Description = s(n) })
	f("footer", 2048, "embeds.0.footer.text", func(m *Message, n int) { one(m).Footer.Text = s(n) })
	f("author", 256, "embeds.0.author.name", func(m *Message, n int) { one(m).Author.Name = s(n) })
	f("fields", 25, "embeds.0.fields", func(m *Message, n int) {
		e := one(m)
		for range n {
			e.Fields = append(e.Fields, Field{Name: "n", Value: "v"})
		}
	})
	f("name", 256, "embeds.0.fields.0.name", func(m *Message, n int) { one(m).Fields = []Field{{Name: s(n), Value: "v"}} })
	f("value", 1024, "embeds.0.fields.0.value", func(m *Message, n int) { one(m).Fields = []Field{{Name: "n", Value: s(n)}} })
	f("color", 0xffffff, "embeds.0.color", func(m *Message, n int) { one(m).Color = n })
	f("all embeds", 6000, "embeds", func(m *Message, n int) {
		m.Embeds = []Embed{{Description: s(4000)}, {Description: s(n - 4000)}}
	})
	if len(Files(make([]int64, 10)...)) != 0 || len(Files(make([]int64, 11)...)) != 1 ||
		len(Files(10<<20)) != 0 || len(Files(10<<20+1)) != 1 {
		t.Error("files are not counted and measured")
	}
	for _, m := range []Message{
		{AllowedMentions: json.RawMessage(`{"parse":["everyone"]}`), Content: "x"}, {Content: "x"},
		{AllowedMentions: json.RawMessage(`{"parse":[]}`)},
		{AllowedMentions: json.RawMessage(`{"parse":[]}`), Embeds: []Embed{{}}},
		{AllowedMentions: json.RawMessage(`{"parse":[]}`), Embeds: []Embed{{Fields: []Field{{Name: " ", Value: "v"}}}}},
		{AllowedMentions: json.RawMessage(`{"parse":[]}`), Embeds: []Embed{{Title: "t", Timestamp: "today"}}},
		{AllowedMentions: json.RawMessage(`{"parse":[]}`), Content: "x", Username: "Discord bot"},
	} {
		if len(Problems(m)) == 0 {
			t.Errorf("%+v has no problem", m)
		}
	}
}

func TestRefusalsAreInDiscordsWords(t *testing.T) {
	rec := httptest.NewRecorder()
	Refuse(rec, []Problem{{"embeds.0.fields.6.value", "BASE_TYPE_MAX_LENGTH", "Must be 1024 or fewer in length."}})
	want := `{"code":50035,"errors":{"embeds":{"0":{"fields":{"6":{"value":{"_errors":[{"code":"BASE_TYPE_MAX_LENGTH",` +
		`"message":"Must be 1024 or fewer in length."}]}}}}}},"message":"Invalid Form Body"}` + "\n"
	if rec.Code != 400 || rec.Body.String() != want {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
}
