package plural

import "testing"

func TestOneIsNoPlural(t *testing.T) {
	f := func(got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	f(Of(0, "event"), "0 events")
	f(Of(int64(1), "event"), "1 event")
	f(Of(uint64(2000), "event"), "2000 events")
	f(Of(1, "entry", "entries"), "1 entry")
	f(Of(2, "entry", "entries"), "2 entries")
	f(Of(-1, "event"), "-1 events")
}
