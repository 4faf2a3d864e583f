package dialect_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"analytics/ingest/dialect"
	"analytics/ingest/wire"
)

// exchange is a request and its answer as they were on the wire, from testdata/*.txtar, and what
// they mean, worked out by hand.
type exchange struct {
	name      string
	dialect   *dialect.Dialect
	method    string
	path      string
	mediaType string
	body      []byte
	status    int
	answer    string // its content type
	bytes     []byte
	passed    []byte // what the caller gets when usage is hidden; nil if all
	request   string
	facts     string
}

// exchanges reads the test data. A file is named for its dialect. Each exchange begins with
//
//	-- name/request --
//	POST /v1/chat/completions application/json
//	body …
//
// and goes on with name/answer (status, content type, body), name/means and, where the hidden usage
// makes a difference, name/passed.
func exchanges(t testing.TB) []*exchange {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no test data", err)
	}
	var all []*exchange
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		kind, _, _ := strings.Cut(strings.TrimSuffix(filepath.Base(file), ".txtar"), "-")
		for _, f := range archive.Files {
			name, part, _ := strings.Cut(f.Name, "/")
			if part == "request" {
				all = append(all, &exchange{name: kind + "/" + name})
			}
			if len(all) == 0 || !strings.HasSuffix(all[len(all)-1].name, "/"+name) {
				t.Fatalf("%s: %s has no request before it", file, f.Name)
			}
			d, ok := dialect.ByName(kind)
			if !ok {
				t.Fatalf("%s: there is no dialect %s", file, kind)
			}
			all[len(all)-1].dialect = d
			all[len(all)-1].part(t, part, f.Data)
		}
	}
	return all
}

func (x *exchange) part(t testing.TB, part string, data []byte) {
	t.Helper()
	first, rest, _ := bytes.Cut(data, []byte("\n"))
	words := strings.Fields(string(first))
	switch part {
	case "request":
		x.method, x.path, x.body = words[0], words[1], bytes.TrimSuffix(rest, []byte("\n"))
		if len(words) > 2 {
			x.mediaType = strings.Join(words[2:], " ")
		}
	case "answer":
		status, err := strconv.Atoi(words[0])
		if err != nil {
			t.Fatalf("%s: status: %v", x.name, err)
		}
		x.status, x.answer, x.bytes = status, strings.Join(words[1:], " "), rest
	case "passed":
		x.passed = data
	case "means":
		first, rest, _ := strings.Cut(string(data), "\n")
		x.request, x.facts = first, rest
	default:
		t.Fatalf("%s: what is %s?", x.name, part)
	}
}

// read reads the answer in the pieces given by their lengths, and the rest in one.
func (x *exchange) read(q dialect.Request, answer []byte, hide bool, pieces ...int) (
	passed []byte, f dialect.Facts) {
	r := x.dialect.Reader(q, x.status, x.answer)
	if hide {
		r.HideUsage()
	}
	for _, n := range append(pieces, len(answer)) {
		n = min(n, len(answer))
		passed = append(passed, r.Pass(answer[:n])...)
		answer = answer[n:]
	}
	return append(passed, r.Rest()...), r.Facts()
}

func TestShapes(t *testing.T) {
	for _, x := range exchanges(t) {
		t.Run(x.name, func(t *testing.T) {
			q := x.dialect.Request(x.method, x.path, x.mediaType, x.body)
			if got := describe(q); got != x.request {
				t.Errorf("the request:\n got %s\nwant %s", got, x.request)
			}
			passed, f := x.read(q, x.bytes, x.passed != nil)
			if got := tell(f); got != x.facts {
				t.Errorf("the answer:\n got %swant %s", got, x.facts)
			}
			want := x.passed
			if want == nil {
				want = x.bytes
			}
			if string(passed) != string(want) {
				t.Errorf("passed on:\n got %q\nwant %q", passed, want)
			}
		})
	}
}

// TestSplitsChangeNothing cuts each answer everywhere, and into pieces of random length.
func TestSplitsChangeNothing(t *testing.T) {
	seed := uint64(20261121)
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for _, x := range exchanges(t) {
		crlf := bytes.ReplaceAll(x.bytes, []byte("\n"), []byte("\r\n"))
		q := x.dialect.Request(x.method, x.path, x.mediaType, x.body)
		for _, answer := range [][]byte{x.bytes, crlf} {
			for _, hide := range []bool{false, true} {
				whole, facts := x.read(q, answer, hide)
				check := func(pieces ...int) {
					t.Helper()
					passed, got := x.read(q, answer, hide, pieces...)
					if got != facts {
						t.Fatalf("%s in pieces %v:\n got %+v\nwant %+v", x.name, pieces, got, facts)
					}
					if string(passed) != string(whole) {
						t.Fatalf("%s in pieces %v passes\n got %q\nwant %q", x.name, pieces, passed, whole)
					}
				}
				for at := range answer {
					check(at)
				}
				for range 20 {
					var pieces []int
					for range len(answer) / 4 {
						pieces = append(pieces, random.IntN(12))
					}
					check(pieces...)
				}
			}
		}
	}
}

// TestCutStreamsAreNotTerminated cuts streams before their last event.
func TestCutStreamsAreNotTerminated(t *testing.T) {
	for _, x := range exchanges(t) {
		q := x.dialect.Request(x.method, x.path, x.mediaType, x.body)
		_, whole := x.read(q, x.bytes, false)
		if !whole.Terminated || x.answer != "text/event-stream" || q.Operation == "" {
			continue
		}
		for at := range len(x.bytes) / 3 {
			_, f := x.read(q, x.bytes[:at], false)
			if f.Terminated || f.UsageSource == dialect.Provider {
				t.Errorf("%s is terminated after %d of %d bytes", x.name, at, len(x.bytes))
				break
			}
		}
	}
}

// describe is a request in a line, without what is missing.
func describe(q dialect.Request) string {
	if !q.Billed {
		return "not billed " + q.Endpoint
	}
	s := q.Operation + " " + q.Endpoint + " " + q.Model
	for _, part := range []struct {
		there bool
		text  string
	}{
		{q.Stream, "stream"},
		{q.Messages > 0, fmt.Sprint("messages=", q.Messages)},
		{q.Tier != "", "tier=" + q.Tier},
		{q.User != "", "user=" + q.User},
		{q.Prompt != "", "prompt=" + q.Prompt + "/" + q.Version},
		{q.AskedUsage, "asked-usage"},
		{q.CanIncludeUsage, "can-include-usage"},
	} {
		if part.there {
			s += " " + part.text
		}
	}
	return s
}

// tell is facts in lines, without what is missing.
func tell(f dialect.Facts) string {
	var b strings.Builder
	add := func(name string, v any, there bool) {
		if there {
			fmt.Fprintf(&b, "%s: %v\n", name, v)
		}
	}
	add("model", f.Model, f.Model != "")
	add("id", f.ID, f.ID != "")
	u := reflect.ValueOf(f.Usage)
	for i := range u.NumField() {
		c := u.Field(i).Interface().(wire.Count)
		add(u.Type().Field(i).Name, c.N, c.Known)
	}
	add("usage", f.UsageSource, true)
	add("cost", f.Cost.USD, f.Cost.Known)
	add("finish", f.FinishReason, f.FinishReason != "")
	add("tool calls", f.ToolCalls, f.ToolCalls > 0)
	add("tier", f.Tier, f.Tier != "")
	add("error", f.ErrorType+": "+f.ErrorMessage, f.ErrorType != "")
	add("cut", "", !f.Terminated)
	add("not final", "", f.Terminated && !f.Final)
	return strings.ReplaceAll(b.String(), ": \n", "\n")
}
