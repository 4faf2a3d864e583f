package listing

import (
	"testing"

	"analytics/engine/event"
)

func FuzzParseCursor(f *testing.F) {
	f.Add(Cursor{Time: 1, Kind: event.AIRequest, ID: event.AppendID(nil, []byte("x"))}.String())
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseCursor(text)
		if err != nil {
			return
		}
		again, err := ParseCursor(c.String())
		if err != nil || again.compare(c) != 0 {
			t.Fatalf("%q is %+v, and again %+v, %v", text, c, again, err)
		}
	})
}
