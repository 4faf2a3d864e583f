// Package double is a Slack for tests: a server that takes messages of an incoming webhook the way
// Slack's documentation says, refuses what Slack would refuse and in its words, fails the test for it
// and for what could ping somebody, and misbehaves on request.
//
// It owns the documented limits a second time, written down independently of the client's own.
package double

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"
)

// Token is the secret part of the double's webhook: tests look for it where it must not be.
const Token = "canarySlackTokenNeverSeen0123456789"

// Slack is a running double.
type Slack struct {
	// URL is the webhook to configure.
	URL string

	t      testing.TB
	mu     sync.Mutex
	seen   []Message
	script func(n int) *Answer
}

// Answer is a scripted answer instead of "ok".
type Answer struct {
	Status int
	Body   string
	Header map[string]string
}

// Message is what is posted.
type Message struct {
	Text   string  `json:"text"`
	Blocks []Block `json:"blocks"`
}

// Block is a part of a message.
type Block struct {
	Type     string `json:"type"`
	Text     *Text  `json:"text"`
	Fields   []Text `json:"fields"`
	Elements []Text `json:"elements"`
}

// Text is a text object.
type Text struct {
	Type     string `json:"type"`
	Text     string `json:"text"`
	Verbatim bool   `json:"verbatim"`
}

// New starts a double that lives as long as the test.
func New(t testing.TB) *Slack {
	d := &Slack{t: t}
	s := httptest.NewServer(d)
	t.Cleanup(s.Close)
	d.URL = s.URL + "/services/T00000000/B00000000/" + Token
	return d
}

// Script decides the answers from now on, by the count of the request; nil means the usual one.
func (d *Slack) Script(f func(n int) *Answer) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.script = f
}

// Messages are those that were taken.
func (d *Slack) Messages() []Message {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]Message(nil), d.seen...)
}

// ServeHTTP takes one message.
func (d *Slack) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if !strings.HasSuffix(r.URL.Path, "/"+Token) || r.Method != http.MethodPost {
		http.Error(w, "no_service", http.StatusNotFound)
		return
	}
	if got := r.Header.Get("Content-Type"); got != "application/json" {
		d.t.Errorf("content type %q", got)
	}
	if d.script != nil {
		if a := d.script(len(d.seen) + 1); a != nil {
			for k, v := range a.Header {
				w.Header().Set(k, v)
			}
			w.WriteHeader(a.Status)
			io.WriteString(w, a.Body)
			return
		}
	}
	var m Message
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&m); err != nil {
		d.t.Errorf("a message is not one: %v", err)
		http.Error(w, "invalid_payload", http.StatusBadRequest)
		return
	}
	if all := Problems(m); len(all) > 0 {
		d.t.Errorf("refused: %s", strings.Join(all, "; "))
		http.Error(w, "invalid_blocks", http.StatusBadRequest)
		return
	}
	d.seen = append(d.seen, m)
	io.WriteString(w, "ok")
}

// The markup that does something to people or places: a control sequence, and what Mattermost would
// find in plain text.
var (
	control  = regexp.MustCompile(`<[^>]*>|[<>]`)
	entity   = regexp.MustCompile(`&(?:amp|lt|gt);`)
	mentions = regexp.MustCompile(`@\w`)
	address  = regexp.MustCompile(`(?i)[a-z]://|www\.\w`)
	masked   = regexp.MustCompile(`\]\(`)
)

// Problems are the rules of Slack, and ours about strings of users, that a message breaks.
func Problems(m Message) []string {
	var all []string
	say := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	check := func(what, s string, limit int) {
		if n := utf8.RuneCountInString(s); n > limit {
			say("%s has %d characters, over %d", what, n, limit)
		}
		if strings.TrimSpace(s) == "" {
			say("%s is empty", what)
		}
		if !utf8.ValidString(s) {
			say("%s is not UTF-8", what)
		}
		if control.MatchString(s) || strings.Contains(entity.ReplaceAllString(s, ""), "&") {
			say("%s has & < > that are not written as entities: %.80q", what, s)
		}
		if mentions.MatchString(s) || address.MatchString(s) || masked.MatchString(s) {
			say("%s pings or links: %.80q", what, s)
		}
	}
	object := func(what string, t *Text, kind string, limit int) {
		if t == nil {
			say("%s is missing", what)
			return
		}
		if t.Type != kind {
			say("%s is %s", what, t.Type)
		}
		if t.Type == "mrkdwn" && !t.Verbatim {
			say("%s is not verbatim: Slack looks for addresses and names in it", what)
		}
		check(what, t.Text, limit)
	}
	check("text", m.Text, 40_000)
	if len(m.Blocks) > 50 {
		say("%d blocks", len(m.Blocks))
	}
	for i := range m.Blocks {
		b := &m.Blocks[i]
		switch b.Type {
		case "header":
			object("a header", b.Text, "plain_text", 150)
		case "section":
			if b.Text == nil && len(b.Fields) == 0 {
				say("a section has neither text nor fields")
			}
			if b.Text != nil {
				object("a section", b.Text, "mrkdwn", 3000)
			}
			if len(b.Fields) > 10 {
				say("%d fields", len(b.Fields))
			}
			for j := range b.Fields {
				object("a field", &b.Fields[j], "mrkdwn", 2000)
			}
		case "context":
			if n := len(b.Elements); n == 0 || n > 10 {
				say("%d elements", n)
			}
			for j := range b.Elements {
				object("an element", &b.Elements[j], "mrkdwn", 2000)
			}
		default:
			say("a block is %q", b.Type)
		}
	}
	return all
}
