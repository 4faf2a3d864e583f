package person

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"analytics/engine/store"
	"analytics/engine/store/storetest"
)

// hashed is somebody of whom only a hash is known, and known somebody whose id is.
func hashed(id string) *Person { return &Person{Is: func(s string) bool { return s == id }} }

func known(id string) *Person {
	p := hashed(id)
	p.ID = id
	return p
}

func TestAnIDIsFoundAsWordsOfItsOwn(t *testing.T) {
	f := func(id, text string, want bool) {
		t.Helper()
		for _, p := range []*Person{hashed(id), known(id)} {
			if got := p.In(text); got != want {
				t.Errorf("%q in %q: got %v, want %v (known: %v)", id, text, got, want, p.ID != "")
			}
		}
	}
	f("ann", "User ann: $3.00 more", true)
	f("ann", "joanne", false)
	f("ann", "ann_b", false)
	f("ann", "ann", true)
	f("ann", "(ann)", true)
	f("ann b", "User ann b: $3", true)
	f("ann@x.example", "mail ann@x.example.", true)
	f("ann@x.example", "joann@x.example", false)
	f("ann_b@x.example", `**ann\_b\@x\.example**`, true) // as Markdown has it
	f("o'neil&co", "<td>o&#39;neil&amp;co</td>", true)   // as HTML has it
	f("www.ann", "www\u200b.ann", true)                  // as a chat has it
	f("Änne", "User Änne", true)
	f("1", "1 request failed", false)
	f("1", "User 1: $4.00 more", true)
	f("1", "superuser 1", false)
	f("1", `{"user_id":"1"}`, true)
	f("123456", "order 123456", true)
	f("100", "100 %", false)
	f("ann", "", false)
	f("\xff", "a \xff b", true)
}

func TestWhatIsKnownIsFoundCutOff(t *testing.T) {
	id := "a-very-long-name-of-somebody@department.example.com"
	if !known(id).In("1. a-very-long-name-of-somebody@depart… $4.00") || known(id).In("a-very-long… thing") {
		t.Error("a name that was cut off")
	}
}

func TestRedactLeavesTheRest(t *testing.T) {
	f := func(id, text, want string) {
		t.Helper()
		for _, p := range []*Person{hashed(id), known(id)} {
			if got := p.Redact(text); got != want {
				t.Errorf("%q: got %q, want %q", text, got, want)
			}
		}
	}
	f("ann", "ann and joanne, ann", "(erased) and joanne, (erased)")
	f("ann@x.example", "of ann@x.example: 1", "of (erased): 1")
	f("1", "1 of user 1 is 1 %", "1 of user (erased) is 1 %")
	f("ann", "nobody", "nobody")
	f("ann", "ann", "(erased)")
}

func TestJSONIsSearchedAndRedacted(t *testing.T) {
	p := hashed("ann")
	row := `{"a":{"png":"ann","b":["x ann"]},"n":12345678901234567890,"who":"ann"}`
	if !p.InJSON([]byte(row)) || !p.InJSON([]byte(row), "who") || p.InJSON([]byte(row), "who", "b") {
		t.Error("ann is in b and in who")
	}
	got, changed := p.RedactJSON([]byte(row))
	if want := `{"a":{"b":["x (erased)"],"png":"ann"},"n":12345678901234567890,"who":"(erased)"}`; !changed ||
		string(got) != want {
		t.Errorf("got %s", got)
	}
	if got, changed := p.RedactJSON([]byte(`{"ann":1,"b":2}`)); !changed || string(got) != `{"b":2}` {
		t.Errorf("got %s", got)
	}
	if got, changed := p.RedactJSON([]byte(`{"b": 2}`)); changed || string(got) != `{"b": 2}` {
		t.Errorf("got %s", got)
	}
}

func TestSweepCarriesVerdictsOut(t *testing.T) {
	s, err := store.Open(t.Context(), store.Config{Space: storetest.Room, Dir: t.TempDir(), MemTableSize: 8 << 20,
		Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	shelf := s.Shelf(store.Default, "budgets")
	for key, value := range map[string]string{"a": "of ann", "b": "also ann", "c": "bob", "d": "ann stays"} {
		if err := shelf.Put(t.Context(), key, []byte(value)); err != nil {
			t.Fatal(err)
		}
	}
	p := hashed("ann")
	place := func(ctx context.Context, s *store.Store, p *Person) ([]Found, error) {
		return p.Sweep(ctx, s.Shelf(store.Default, "budgets"), func(key string, value []byte) (Verdict, error) {
			switch text := string(value); {
			case !p.In(text):
				return Verdict{}, nil
			case key == "a":
				return p.Remove("row", text, ""), nil
			case key == "d":
				return p.Keep("row", text, "it is somebody's", value), nil
			default:
				return p.Change("row", key, []byte(p.Redact(text))), nil
			}
		})
	}
	rows := func() (all string) {
		err := shelf.Each("", func(key string, value []byte) error {
			all += key + "=" + string(value) + ";"
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	before := rows()
	for _, dry := range []bool{true, false} {
		p.Dry = dry
		found, err := All(t.Context(), s, p, place)
		if err != nil || len(found) != 3 || found[0] != (Found{"row", "of (erased)", Removed, ""}) {
			t.Errorf("%+v, %v", found, err)
		}
		if dry && rows() != before {
			t.Errorf("a dry run left %s", rows())
		}
	}
	if got := rows(); got != "b=also (erased);c=bob;d=ann stays;" {
		t.Errorf("got %s", got)
	}
}

func FuzzRedactForgetsAndKeeps(f *testing.F) {
	f.Add("User ann: 1", "ann")
	f.Add("\xff\xfe ann", "\xff")
	f.Add("a.b.c", "b.c")
	f.Fuzz(func(t *testing.T, text, id string) {
		if id == "" || strings.Contains(Erased, id) {
			return
		}
		p := hashed(id)
		once := p.Redact(text)
		if strings.Count(once, Erased) == strings.Count(text, Erased) && once != text {
			t.Errorf("%q became %q", text, once)
		}
		_ = p.In(text)
	})
}
