// Package double is a receiver of signed webhooks for tests: it verifies each message as Standard
// Webhooks says, written down independently of the client, fails the test for one that does not
// verify, remembers ids, and misbehaves on request.
package double

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Token is the secret part of the double's address, and Secret what it verifies with.
const (
	Token  = "canaryWebhookTokenNeverSeen0123456789"
	Secret = "whsec_Y2FuYXJ5LXNlY3JldC10aGF0LW11c3QtbmV2ZXItYmUtc2Vlbg=="
)

// Receiver is a running double.
type Receiver struct {
	// URL is the address to configure. Now is the receiver's clock.
	URL string
	Now func() time.Time

	t      testing.TB
	mu     sync.Mutex
	ids    []string // of all that came
	bodies map[string]string
	script func(n int) *Answer
}

// Answer is a scripted answer instead of 204. Keep takes the message all the same.
type Answer struct {
	Status int
	Body   string
	Header map[string]string
	Keep   bool
}

// New starts a receiver that lives as long as the test.
func New(t testing.TB) *Receiver {
	d := &Receiver{t: t, Now: time.Now, bodies: map[string]string{}}
	s := httptest.NewServer(d)
	t.Cleanup(s.Close)
	d.URL = s.URL + "/in/" + Token
	return d
}

// Script decides the answers from now on, by the count of the request; nil means 204.
func (d *Receiver) Script(f func(n int) *Answer) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.script = f
}

// IDs are the ids of all requests, in their order.
func (d *Receiver) IDs() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.ids)
}

// Bodies are the messages that were taken, by id: what came twice is there once.
func (d *Receiver) Bodies() map[string]string {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := map[string]string{}
	for id, b := range d.bodies {
		all[id] = b
	}
	return all
}

// ServeHTTP takes one message.
func (d *Receiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	id := r.Header.Get("webhook-id")
	if problem := d.problem(r.Header, body); problem != "" {
		d.t.Errorf("message %s: %s", id, problem)
		http.Error(w, problem, http.StatusBadRequest)
		return
	}
	d.ids = append(d.ids, id)
	var a *Answer
	if d.script != nil {
		a = d.script(len(d.ids))
	}
	if a == nil || a.Keep {
		if was, twice := d.bodies[id]; twice && was != string(body) {
			d.t.Errorf("two messages have the id %s", id)
		}
		d.bodies[id] = string(body)
	}
	if a == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	for k, v := range a.Header {
		w.Header().Set(k, v)
	}
	w.WriteHeader(a.Status)
	io.WriteString(w, a.Body)
}

func (d *Receiver) problem(h http.Header, body []byte) string {
	if h.Get("Content-Type") != "application/json" || !json.Valid(body) {
		return "it is not JSON"
	}
	at, err := strconv.ParseInt(h.Get("webhook-timestamp"), 10, 64)
	if err != nil || d.Now().Sub(time.Unix(at, 0)).Abs() > 5*time.Minute {
		return "its time is not now"
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(Secret, "whsec_"))
	if err != nil {
		return err.Error()
	}
	mac := hmac.New(sha256.New, key)
	io.WriteString(mac, h.Get("webhook-id")+"."+h.Get("webhook-timestamp")+"."+string(body))
	want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	if !slices.Contains(strings.Split(h.Get("webhook-signature"), " "), want) {
		return "no signature fits"
	}
	return ""
}
