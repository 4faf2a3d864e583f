package listing

import (
	"testing"

	"analytics/engine/event"
	"analytics/engine/store"
)

func FuzzParseCursor(f *testing.F) {
	f.Add(Cursor{Time: 1, Kind: event.AIRequest, ID: event.AppendID(nil, []byte("x"))}.Text(store.Default))
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseCursor(store.Default, text)
		if err != nil {
			return
		}
		again, err := ParseCursor(store.Default, c.Text(store.Default))
		if err != nil || again.compare(c) != 0 {
			t.Fatalf("%q is %+v, and again %+v, %v", text, c, again, err)
		}
	})
}

func TestCursorsOfOthersAreRefused(t *testing.T) {
	c := Cursor{Time: 77, Kind: event.AIRequest, ID: event.AppendID(nil, []byte("x"))}
	text := c.Text(store.Default)
	if got, err := ParseCursor(store.Default, text); err != nil || got.compare(c) != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := ParseCursor(store.Tenant{'x'}, text); err == nil {
		t.Errorf("another tenant's cursor is %+v", got)
	}
	for i := range len(text) { // one made up
		made := text[:i] + string('A'+(text[i]+1)%26) + text[i+1:]
		if got, err := ParseCursor(store.Default, made); err == nil && made != text {
			t.Errorf("%q is %+v", made, got)
		}
	}
}
