package query

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// operands are what verbs are asked about that are asked about something.
var operands = map[string]string{
	"agents show": "writer", "tools show": "search", "conversations show": "c1", "sessions show": "s1",
	"trace show": "t1", "audit show": "t1", "content journey": "/", "query": "cost,requests,page_views", "funnels show": "signup",
}

// TestEveryVerbPrintsAsItDid holds what every verb prints of one small store, as a table, as JSON and
// in a file, against testdata/every: a change of an output is a change of a golden file, seen in
// review. What the numbers have to be is worked out in the scripts beside it.
func TestEveryVerbPrintsAsItDid(t *testing.T) {
	w := newWorld(t, Config{Timezone: "UTC", RetentionDays: 30})
	folder, err := filepath.Abs(filepath.Join("testdata", "every"))
	if err != nil {
		t.Fatal(err)
	}
	events, err := os.ReadFile(filepath.Join(folder, "events"))
	if err != nil {
		t.Fatal(err)
	}
	w.load(string(events))
	w.funnel("signup", "page:/", "page:/docs")
	t.Chdir(t.TempDir()) // files are named as people name them
	groups := map[string]*txtar.Archive{}
	for i := range verbs {
		v := &verbs[i]
		words := strings.Fields(v.Group + " " + v.Name)
		if word, ok := operands[strings.Join(words, " ")]; ok {
			words = append(words, word)
		} else if len(v.usage()) > 0 && !strings.HasPrefix(v.usage()[0], "[") {
			t.Errorf("%s: of what? operands does not say", words)
		}
		if slices.ContainsFunc(v.Params(), func(p Param) bool { return p.Name == "since" }) {
			words = append(words, "--since", "4h")
		}
		if groups[v.Group] == nil {
			groups[v.Group] = &txtar.Archive{}
		}
		g := groups[v.Group]
		say := func(what string, data string) {
			data = strings.TrimRight(strings.ReplaceAll(data, "\r", ""), "\n") + "\n"
			g.Files = append(g.Files, txtar.File{Name: what, Data: []byte(data)})
		}
		line := "$ analytics " + strings.Join(words, " ")
		say(line, w.shell(words...))
		say(line+" --json", lines.Replace(w.shell(append(words, "--json")...)))
		say(line+" --export answer.csv", w.shell(append(words, "--export", "answer.csv")...))
		if text, err := os.ReadFile("answer.csv"); err == nil {
			say("answer.csv", string(text))
			if err := os.Remove("answer.csv"); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, got := range groups {
		golden := filepath.Join(folder, name+".txtar")
		if *update {
			if err := os.WriteFile(golden, txtar.Format(got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := txtar.ParseFile(golden)
		if err != nil {
			t.Errorf("%v; -update writes it", err)
			continue
		}
		for i, f := range got.Files {
			if i >= len(want.Files) || want.Files[i].Name != f.Name || string(want.Files[i].Data) != string(f.Data) {
				t.Errorf("%s: %s\ngot:\n%s\nwant what %s says", name, f.Name, f.Data, golden)
			}
		}
		if len(want.Files) > len(got.Files) {
			t.Errorf("%s has %d parts, %d are left", golden, len(want.Files), len(got.Files))
		}
	}
}
