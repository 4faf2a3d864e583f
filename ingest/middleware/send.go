package middleware

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// page is a view as analytics takes it.
type page struct {
	Type      string    `json:"type"`
	ID        string    `json:"id"`
	Timestamp time.Time `json:"timestamp"`
	URL       string    `json:"url"`
	Site      string    `json:"site,omitempty"`
	Referrer  string    `json:"referrer,omitempty"`
	Method    string    `json:"method"`
	Status    int       `json:"status_code"`
	Agent     string    `json:"user_agent,omitempty"`
	IP        string    `json:"client_ip,omitempty"`
	Language  string    `json:"language,omitempty"`
	Via       string    `json:"via"`
	Signals   string    `json:"signals,omitempty"`
	Hints     string    `json:"client_hints,omitempty"`
}

// The lengths that analytics takes.
const (
	maxURL      = 2048
	maxText     = 512
	maxLanguage = 64
)

// run sends views until Close, and then those that wait.
func (w *Watch) run() {
	defer close(w.done)
	tick := time.NewTicker(w.cfg.Every)
	defer tick.Stop()
	b := &batch{w: w}
	for {
		select {
		case v := <-w.queue:
			if !w.holds(v) {
				b.add(v)
			}
		case <-tick.C:
			w.settle(b.add)
			b.send()
		case <-w.stop:
			w.release(b.add)
			for len(w.queue) > 0 {
				b.add(<-w.queue)
			}
			b.send()
			return
		}
	}
}

// batch is the views that are sent next.
type batch struct {
	w     *Watch
	lines bytes.Buffer
	n     int
}

func (b *batch) add(v view) {
	b.w.write(&b.lines, v)
	if b.n++; b.n == maxBatch {
		b.send()
	}
}

func (b *batch) send() {
	b.w.send(b.lines.Bytes(), b.n)
	b.lines.Reset()
	b.n = 0
}

// write appends a view as a line.
func (w *Watch) write(lines *bytes.Buffer, v view) {
	scheme := "http://"
	if v.secure {
		scheme = "https://"
	}
	p := page{Type: "page_view", ID: newID(v.at), Timestamp: v.at.UTC(), URL: scheme + v.host + v.path,
		Site: w.cfg.Site, Method: cut(v.method, 16), Status: v.status, Agent: cut(v.agent, maxText),
		Via: "server", Signals: v.signals, Hints: cut(v.hints, maxText)}
	if q := campaign(v.query); q != "" {
		p.URL += "?" + q
	}
	p.URL = cut(p.URL, maxURL)
	p.Referrer, _, _ = strings.Cut(v.referrer, "?")
	p.Referrer = cut(p.Referrer, maxURL)
	p.Language, _, _ = strings.Cut(v.language, ",")
	p.Language = cut(p.Language, maxLanguage)
	if v.ip.IsValid() {
		p.IP = v.ip.String()
	}
	text, err := json.Marshal(p) // repairs what is not UTF-8
	if err != nil {
		panic(fmt.Sprintf("middleware: a page view cannot be written: %v", err))
	}
	lines.Write(text)
	lines.WriteByte('\n')
}

// cut shortens text; a character that is split is repaired when it is written.
func cut(text string, n int) string {
	if len(text) > n {
		return strings.ToValidUTF8(text[:n], "")
	}
	return text
}

// newID is a UUIDv7: what is sent twice counts once.
func newID(at time.Time) string {
	var id [16]byte
	millis := at.UnixMilli()
	for i := range 6 {
		id[i] = byte(millis >> (40 - 8*i))
	}
	for i, bits := 6, rand.Uint64(); i < 8; i++ {
		id[i] = byte(bits >> (8 * (i - 6)))
	}
	for i, bits := 8, rand.Uint64(); i < 16; i++ {
		id[i] = byte(bits >> (8 * (i - 8)))
	}
	id[6], id[8] = id[6]&0x0f|0x70, id[8]&0x3f|0x80
	text := hex.EncodeToString(id[:])
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}

const (
	firstPause   = 500 * time.Millisecond
	longestPause = 30 * time.Second
)

// send sends n views until they are taken or refused, or nobody waits for it any more. Meanwhile the
// queue fills.
func (w *Watch) send(lines []byte, n int) {
	if n == 0 {
		return
	}
	pause := firstPause
	for try := 0; ; try++ {
		again, wait, err := w.post(lines, n)
		if !again {
			return
		}
		if try == 0 { // once for each batch
			w.cfg.Log.Warn("page views cannot be sent to analytics; trying again", "error", err)
		}
		timer := time.NewTimer(max(wait, pause))
		select {
		case <-timer.C:
		case <-w.sending.Done():
			timer.Stop()
			w.dropped.Add(int64(n + len(w.queue)))
			for len(w.queue) > 0 {
				<-w.queue
			}
			return
		}
		pause = min(2*pause, longestPause)
	}
}

// post sends views once. again says that it is worth another try.
func (w *Watch) post(lines []byte, n int) (again bool, wait time.Duration, err error) {
	r, err := http.NewRequestWithContext(w.sending, http.MethodPost, w.cfg.Endpoint+"/v1/events",
		bytes.NewReader(lines))
	if err != nil {
		return false, 0, err
	}
	r.Header.Set("Content-Type", "application/x-ndjson")
	r.Header.Set("Authorization", "Bearer "+w.cfg.Key)
	answer, err := w.cfg.Client.Do(r)
	if err != nil {
		return true, 0, err
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(answer.Body, 64<<10))
	switch status := answer.StatusCode; {
	case status == http.StatusOK:
		var said struct{ Rejected int }
		_ = json.Unmarshal(text, &said)
		w.sent.Add(int64(n - said.Rejected))
		w.refused.Add(int64(said.Rejected))
		if said.Rejected > 0 {
			w.cfg.Log.Warn("analytics refused page views", "refused", said.Rejected, "answer", short(text))
		}
		return false, 0, nil
	case status == http.StatusTooManyRequests, status >= 500:
		seconds, _ := strconv.Atoi(answer.Header.Get("Retry-After"))
		return true, min(time.Duration(seconds)*time.Second, longestPause),
			fmt.Errorf("analytics answered %s", answer.Status)
	}
	w.refused.Add(int64(n))
	w.cfg.Log.Error("analytics refused page views", "refused", n, "status", answer.StatusCode,
		"answer", short(text))
	return false, 0, nil
}

func short(text []byte) string { return string(bytes.TrimSpace(text[:min(len(text), 300)])) }

// DecisionOf is how much the visitor who asked is to be slowed down. Without Config.Throttle it is
// always allowed, at the whole rate.
func DecisionOf(ctx context.Context) Decision {
	if d, ok := ctx.Value(decisionKey{}).(Decision); ok {
		return d
	}
	return unknown
}

type decisionKey struct{}
