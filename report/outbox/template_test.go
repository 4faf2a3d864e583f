package outbox

import (
	"strings"
	"testing"
)

func TestATemplateWordsAMessage(t *testing.T) {
	tpl, err := ParseTemplate("{{upper .Severity}}:\n {{.Title}}",
		"{{.Headline}}\n{{range .Facts}}{{.Name}} is {{.Value}}; {{end}}{{.Fact \"spent\"}}{{.Fact \"none\"}}\n"+
			"{{range .Tables}}{{.Title}}: {{range .Rows}}{{join . \", \"}}{{end}}{{end}} {{json .Notes}} {{.Kind}} {{.Time}}")
	if err != nil {
		t.Fatal(err)
	}
	title, text, err := tpl.Fill(Samples()[0], func(s string) string { return "<" + s + ">" })
	if err != nil || title != "<HIGH>: <Daily budget passed>" {
		t.Errorf("title %q, %v", title, err)
	}
	want := "<$104.20 were spent on 2026-11-20: the threshold of $100.00 is passed.>\n" +
		"<Spent> is <$104.20>; <Threshold> is <$100.00>; <Period> is <2026-11-20>; \n" +
		"<Most of it>: <gpt-4o>, <$80.00> [\"\\u003c3 requests have no price.\\u003e\"] alert 2026-11-20T14:03:00Z"
	if text != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
	if title, text, err := (*Template)(nil).Fill(Samples()[0], nil); title+text != "" || err != nil {
		t.Errorf("no template says %q %q %v", title, text, err)
	}
	if none, err := ParseTemplate("", ""); none != nil || err != nil {
		t.Errorf("an empty template: %v %v", none, err)
	}
}

func TestAWrongTemplateIsNamedByLine(t *testing.T) {
	f := func(title, text string, want ...string) {
		t.Helper()
		_, err := ParseTemplate(title, text)
		if err == nil {
			t.Errorf("%q %q was taken", title, text)
			return
		}
		for _, w := range want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%q %q: %v lacks %q", title, text, err, w)
			}
		}
	}
	f("", "one\ntwo {{.Amount}}", "template: line 2: .Amount: there is no field Amount; there are Kind, Title,")
	f("", "{{range .Facts}}\n{{.Label}}{{end}}", "template: line 2: .Label: there is no field Label")
	f("{{.Title}", "", "title: line 1: ")
	f("{{nope .Title}}", "\n\n{{end}}", `title: line 1: function "nope" not defined`, "template: line 3: ")
	f("", "{{range 100000}}{{$.Text}}{{end}}", "more than 64 KiB")
	f("", "{{index .Lines 0}}", "template: line 1: ", "index out of range") // a message may have none
}
