package dialect

import (
	"reflect"
	"strings"
	"testing"
)

const batchLines = `{"custom_id":"a","result":{"type":"succeeded","message":{"id":"msg_1","model":"claude-x",` +
	`"usage":{"input_tokens":10,"cache_read_input_tokens":5,"output_tokens":3}}}}` + "\n\r\n" +
	`{"custom_id":"b","result":{"type":"errored","error":{"type":"error","error":{"type":"overloaded_error",` +
	`"message":"m"}}}}` + "\n" + `{"custom_id":"c","result":{"type":"expired"}}` + "\n" +
	`{"custom_id":"d","result":{"type":"succ`

func readResults(text string, piece int) (all []Result) {
	r := NewResults(func(f Result) { all = append(all, f) })
	for len(text) > 0 {
		n := min(piece, len(text))
		_, _ = r.Write([]byte(text[:n]))
		text = text[n:]
	}
	r.Close()
	return all
}

func TestResultsAreReadLineByLine(t *testing.T) {
	for piece := 1; piece <= len(batchLines); piece++ {
		all := readResults(batchLines, piece)
		if len(all) != 3 {
			t.Fatalf("in pieces of %d: %d results, want 3: the fourth is cut", piece, len(all))
		}
		a, b, c := all[0], all[1], all[2]
		if a.CustomID != "a" || !a.Ran || a.Model != "claude-x" || a.Tier != "batch" || a.ID != "msg_1" ||
			a.Usage.Input.N != 15 || a.Usage.Output.N != 3 || a.UsageSource != Provider {
			t.Errorf("a: %+v", a)
		}
		if b.CustomID != "b" || !b.Ran || b.ErrorType != "overloaded_error" || b.Usage.Known() {
			t.Errorf("b: %+v", b)
		}
		if c.CustomID != "c" || c.Ran {
			t.Errorf("c: %+v", c)
		}
	}
}

func TestOnlyResultsOfABatchAreResults(t *testing.T) {
	d, _ := ByName("anthropic")
	for path, want := range map[string]string{
		"/v1/messages/batches/msgbatch_1/results":                       "msgbatch_1",
		"/v1/messages/batches/a/b/results":                              "",
		"/v1/messages/batches/results":                                  "",
		"/v1/messages/batches/" + strings.Repeat("x", 200) + "/results": "",
		"/v1/messages/batches/msgbatch_1":                               "",
	} {
		if got := d.Request("GET", path, "", nil); got.Results != want || got.Billed {
			t.Errorf("GET %s: %q, billed %v", path, got.Results, got.Billed)
		}
		if got := d.Request("POST", path, "", nil); got.Results != "" {
			t.Errorf("POST %s: %q", path, got.Results)
		}
	}
}

// FuzzResults: pieces of any size say the same as the whole.
func FuzzResults(f *testing.F) {
	f.Add(batchLines, 7)
	f.Add("{}\n[]\n\"\n", 1)
	f.Fuzz(func(t *testing.T, text string, piece int) {
		whole := readResults(text, len(text)+1)
		if parts := readResults(text, max(1, piece)); !reflect.DeepEqual(parts, whole) {
			t.Errorf("in pieces of %d: %+v\nwhole: %+v", piece, parts, whole)
		}
	})
}
