package versioned

import (
	"strings"
	"testing"

	"analytics/engine/fault"
)

type sample struct {
	Name  string `json:"name,omitempty"`
	Count int    `json:"count,omitempty"`
}

func TestARowHasItsFormatFirst(t *testing.T) {
	f := func(v any, want string) {
		t.Helper()
		got, err := Marshal(3, v)
		if err != nil || string(got) != want {
			t.Errorf("got %s, %v; want %s", got, err, want)
		}
	}
	f(sample{"a", 2}, `{"format":3,"name":"a","count":2}`)
	f(sample{}, `{"format":3}`)
	for _, v := range []any{[]int{1}, "text", nil, make(chan int)} {
		if _, err := Marshal(1, v); err == nil {
			t.Errorf("%T has a format", v)
		}
	}
}

func TestARowIsReadUnlessItIsNewer(t *testing.T) {
	f := func(row string, kind fault.Kind, bad bool) {
		t.Helper()
		var v sample
		err := Unmarshal("sample", 2, []byte(row), &v)
		if (err != nil) != bad || bad && fault.Of(err).Kind != kind || !bad && v.Name != "a" {
			t.Errorf("%s: %+v, %v", row, v, err)
		}
	}
	f(`{"name":"a"}`, 0, false) // from before there was a format
	f(`{"format":1,"name":"a"}`, 0, false)
	f(`{"format":2,"name":"a"}`, 0, false)
	f(`{"format":3,"name":{"first":"a"}}`, fault.Newer, true) // whatever it means by now
	f(`{"format":-1,"name":"a"}`, fault.Internal, true)
	f(`{"format":"x"}`, fault.Internal, true)
	f(`{`, fault.Internal, true)
	f(`[]`, fault.Internal, true)
	if err := Unmarshal("sample", 2, []byte(`{"format":9}`), new(sample)); !strings.Contains(err.Error(),
		"a sample of the store has format 9, newer than this program knows; start a newer version") {
		t.Error(err)
	}
}

func FuzzWhatIsReadIsWrittenAgain(f *testing.F) {
	f.Add([]byte(`{"format":1,"name":"a","count":2}`))
	f.Add([]byte(`{"name":"a"}`))
	f.Add([]byte(`{"format":1e3}`))
	f.Fuzz(func(t *testing.T, row []byte) {
		var v, again sample
		if Unmarshal("sample", 1, row, &v) != nil {
			return
		}
		text, err := Marshal(1, v)
		if err != nil {
			t.Fatal(err)
		}
		if err := Unmarshal("sample", 1, text, &again); err != nil || again != v {
			t.Errorf("%s became %s: %v", row, text, err)
		}
	})
}
