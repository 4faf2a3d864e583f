// Package double is a Discord for tests: a server that takes webhook messages the way Discord's
// documentation says, fails the test for any payload Discord would refuse or that could ping
// somebody, and misbehaves on request.
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
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// Token is the secret part of the double's webhook URL: tests look for it where it must not be.
const Token = "canary-Token_that-must-never-be-seen-0123456789"

// Discord is a running double.
type Discord struct {
	// URL is the webhook to configure.
	URL string

	t      testing.TB
	mu     sync.Mutex
	seen   []Request
	live   map[string]Message
	last   int
	script func(Request) *Answer
	bucket *bucket
	// invalid counts answers of 401, 403, 404 about the webhook, and 429: of 10,000 in ten minutes
	// Discord blocks the address.
	invalid int
}

// Request is one payload that came in.
type Request struct {
	N       int // counts from 1
	Method  string
	ID      string // of the message, when editing
	Body    []byte // of a form, its payload_json
	Raw     []byte // the whole body
	Message Message
	Files   []File
}

// Message is a message as the double keeps it.
type Message struct {
	Username string  `json:"username"`
	Content  string  `json:"content"`
	Embeds   []Embed `json:"embeds"`

	AllowedMentions json.RawMessage `json:"allowed_mentions"`
	Attachments     []Attachment    `json:"attachments"`
}

// Embed is a card.
type Embed struct {
	Title       string  `json:"title"`
	Description string  `json:"description"`
	Color       int     `json:"color"`
	Timestamp   string  `json:"timestamp"`
	Fields      []Field `json:"fields"`
	Image       struct {
		URL string `json:"url"`
	} `json:"image"`
	Footer struct {
		Text string `json:"text"`
	} `json:"footer"`
	Author struct {
		Name string `json:"name"`
	} `json:"author"`
}

// Field is a block of a card.
type Field struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Inline bool   `json:"inline"`
}

// Answer is a scripted answer. Drop closes the connection instead; Keep stores the message first,
// as when only the answer is lost.
type Answer struct {
	Status int
	Body   string
	Header map[string]string
	Drop   bool
	Keep   bool
}

// New starts a double that lives as long as the test.
func New(t testing.TB) *Discord {
	d := &Discord{t: t, live: map[string]Message{}, last: 1000}
	s := httptest.NewServer(d)
	t.Cleanup(s.Close)
	d.URL = s.URL + "/api/webhooks/123456789/" + Token
	return d
}

// Allow is the network.allow that reaches the double.
func Allow() []netip.Prefix { return []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} }

// Script decides the answers from now on; nil from f means the usual one. A nil f ends it.
func (d *Discord) Script(f func(Request) *Answer) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.script = f
}

// Requests are all payloads so far.
func (d *Discord) Requests() []Request {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]Request(nil), d.seen...)
}

// Messages are what the channel shows, in the order of posting.
func (d *Discord) Messages() []Message {
	d.mu.Lock()
	defer d.mu.Unlock()
	var all []Message
	for id := 1001; id <= d.last; id++ {
		if m, ok := d.live[strconv.Itoa(id)]; ok {
			all = append(all, m)
		}
	}
	return all
}

// Delete removes a message from the channel, as a person may.
func (d *Discord) Delete(id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.live, id)
}

// ServeHTTP takes one payload.
func (d *Discord) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	req := Request{N: len(d.seen) + 1, Method: r.Method, Raw: body}
	base := "/api/webhooks/123456789/" + Token
	switch {
	case r.Method == http.MethodPost && r.URL.Path == base:
	case r.Method == http.MethodPatch && strings.HasPrefix(r.URL.Path, base+"/messages/"):
		req.ID = strings.TrimPrefix(r.URL.Path, base+"/messages/")
	default:
		d.t.Errorf("the double has no %s %s", r.Method, r.URL.Path)
	}
	if r.URL.Query().Get("wait") != "true" {
		d.t.Errorf("request %d has no wait=true", req.N)
	}
	if req.Body, req.Files, err = Open(r.Header.Get("Content-Type"), body); err != nil {
		d.t.Errorf("request %d: %v", req.N, err)
	}
	dec := json.NewDecoder(bytes.NewReader(req.Body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&req.Message); err != nil {
		d.t.Errorf("request %d: %v", req.N, err)
	}
	d.seen = append(d.seen, req)
	if d.bucket != nil && !d.bucket.take(w) {
		d.invalid++
		return
	}
	if all := append(Problems(req.Message), Attached(req.Message, req.Files)...); len(all) > 0 {
		for _, p := range all {
			d.t.Errorf("request %d: %s", req.N, p)
		}
		Refuse(w, all)
		return
	}
	d.answer(w, req)
}

// Invalid is how many requests were answered in a way that Discord counts against the caller.
func (d *Discord) Invalid() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.invalid
}

func (d *Discord) answer(w http.ResponseWriter, req Request) {
	var a *Answer
	if d.script != nil {
		a = d.script(req)
	}
	if a == nil || a.Keep {
		if req.ID == "" {
			d.last++
			req.ID = strconv.Itoa(d.last)
		} else if _, ok := d.live[req.ID]; !ok {
			a = &Answer{Status: 404, Body: `{"message":"Unknown Message","code":10008}`}
		}
	}
	if a == nil || a.Keep {
		d.live[req.ID] = req.Message
	}
	if a == nil {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"id":%q,"content":""}`, req.ID)
		return
	}
	if a.Drop {
		panic(http.ErrAbortHandler)
	}
	for k, v := range a.Header {
		w.Header().Set(k, v)
	}
	switch a.Status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests:
		d.invalid++
	case http.StatusNotFound:
		if req.ID == "" || !strings.Contains(a.Body, "10008") {
			d.invalid++
		}
	}
	w.WriteHeader(a.Status)
	io.WriteString(w, a.Body)
}
