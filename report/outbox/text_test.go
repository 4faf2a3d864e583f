package outbox

import (
	"testing"
	"unicode/utf8"
)

func TestCutCountsAndNeverSplits(t *testing.T) {
	f := func(in string, n int, want string) {
		t.Helper()
		got := Cut(in, n)
		if got != want {
			t.Errorf("Cut(%q, %d) = %q, want %q", in, n, got, want)
		}
		if Width(got) > max(n, 0) || !utf8.ValidString(got) {
			t.Errorf("Cut(%q, %d) = %q is too long or broken", in, n, got)
		}
	}
	f("abc", 3, "abc")
	f("abcd", 3, "ab…")
	f("abcd", 1, "…")
	f("abcd", 0, "")
	f("abcd", -5, "")
	f("🙂🙂🙂", 6, "🙂🙂🙂")
	f("🙂🙂🙂", 5, "🙂🙂…")
	f("🙂🙂🙂", 4, "🙂…")
	f(`ab\*cd`, 4, "ab…")    // not half an escape
	f(`ab\\cd`, 5, `ab\\…`)  // a whole one stays
	f("ab cdefgh", 4, "ab…") // no space before the ellipsis
}

func FuzzRow(f *testing.F) {
	f.Add([]byte(`{"report":"r","period":"p","state":"pending","message":{"content":"x"}}`))
	f.Add([]byte(`{"state":"delivered"}`))
	f.Fuzz(func(t *testing.T, value []byte) {
		r, err := decodeRow("k", value)
		if err == nil && r.State == Pending && r.Message == nil {
			t.Error("a letter that waits has no message")
		}
	})
}
