package query

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"analytics/engine/columns/sample"
	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/engine/web"
)

var update = flag.Bool("update", false, "write what is answered into the scripts")

// TestScripts runs the scripts in testdata. A script is events, and questions with the answers that
// were worked out by hand: "GET /path" is asked over HTTP, "$ command" in the shell.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			script, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			w := newWorld(t, Config{Timezone: "UTC", RetentionDays: 30})
			for i, f := range script.Files {
				if f.Name == "events" {
					w.load(string(f.Data))
					continue
				}
				got := w.respond(f.Name)
				if *update {
					script.Files[i].Data = []byte(got)
				} else if got != string(f.Data) {
					t.Errorf("%s\ngot:\n%s\nwant:\n%s", f.Name, got, f.Data)
				}
			}
			if *update {
				if err := os.WriteFile(path, txtar.Format(script), 0o600); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// lines breaks the JSON of an answer where a reader wants it.
var lines = strings.NewReplacer(`"rows":[`, "\n\"rows\":[\n", `},{`, "},\n{", `"totals":`, "\n\"totals\":",
	`"meta":`, "\n\"meta\":", `"sources":`, "\n\"sources\":")

// load adds events, one a line: "ai_request 2026-11-20T10:00:00Z model=gpt-4o cost=0.25". A line
// "seal TIME" seals the hours before it, "drop TIME" drops their events, "contents TIME" gathers content.
func (w *world) load(lines string) {
	w.t.Helper()
	for line := range strings.Lines(lines) {
		words := strings.Fields(line)
		if len(words) == 0 || words[0] == "#" {
			continue
		}
		at, err := time.Parse(time.RFC3339, words[1])
		if err != nil {
			w.t.Fatalf("%s: %v", line, err)
		}
		switch words[0] {
		case "seal":
			w.commit()
			w.seal(at)
			continue
		case "drop":
			w.drop(at)
			continue
		case "contents":
			w.commit()
			if err := w.desk.cfg.Mill.Contents(context.Background()); err != nil {
				w.t.Fatal(err)
			}
			continue
		}
		kind, ok := event.ParseKind(words[0])
		if !ok {
			w.t.Fatalf("%s: no such type", line)
		}
		e := w.begin(kind, at)
		for _, word := range words[2:] {
			name, value, _ := strings.Cut(word, "=")
			w.set(e, name, strings.ReplaceAll(value, "+", " "))
		}
		w.add()
	}
	w.commit()
}

func (w *world) drop(before time.Time) {
	w.t.Helper()
	for _, kind := range event.Kinds() {
		_, err := w.store.Drop(context.Background(), store.Default, kind, 0,
			event.MicrosOf(before).Hour())
		if err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *world) set(e *event.Event, name, value string) {
	w.t.Helper()
	if err := sample.Set(e, name, value); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) mux() *web.Mux {
	m := web.NewMux(web.Options{Now: func() time.Time { return noon }})
	w.desk.Routes(m)
	return m
}

// respond is what a request or a command line gives.
func (w *world) respond(line string) string {
	if command, ok := strings.CutPrefix(line, "$ "); ok {
		return w.shell(strings.Fields(command)...)
	}
	method, target, _ := strings.Cut(line, " ")
	status, header, body := w.ask(method, target)
	var out bytes.Buffer
	if status != http.StatusOK {
		fmt.Fprintf(&out, "%d\n", status)
	}
	if d := header.Get("Content-Disposition"); d != "" {
		fmt.Fprintf(&out, "%s; %s\n", header.Get("Content-Type"), d)
	}
	if strings.HasPrefix(header.Get("Content-Type"), "application/json") {
		if !json.Valid([]byte(body)) {
			w.t.Errorf("%s: this is not JSON: %s", line, body)
		}
		out.WriteString(lines.Replace(body))
	} else {
		out.WriteString(strings.ReplaceAll(body, "\r", ""))
	}
	return strings.TrimSpace(out.String()) + "\n"
}

func (w *world) ask(method, target string) (int, http.Header, string) {
	rec := httptest.NewRecorder()
	w.mux().ServeHTTP(rec, local(httptest.NewRequest(method, target, nil)))
	return rec.Code, rec.Result().Header, rec.Body.String()
}

// local is a request by the local user, who needs no key.
func local(r *http.Request) *http.Request { return r.WithContext(web.AsLocal(r.Context())) }
