package hook

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"analytics/engine/outbound"
	"analytics/report/outbox"
)

const (
	// timeout is for one request with its answer.
	timeout = 10 * time.Second
	// maxAnswer is how much of an answer is read.
	maxAnswer = 1 << 20
	// userAgent is the shape that Discord asks for; others do not mind.
	userAgent = "analytics (webhook, 1)"
)

// Hook is one webhook. It is safe for concurrent use.
type Hook struct {
	Who string // what errors call the other side
	url url.URL
	web *http.Client
	// secrets are the parts of the address that may not be told.
	secrets []string
}

// New makes a hook of an address that was checked.
func New(who string, at *url.URL, guard outbound.Guard) *Hook {
	h := &Hook{Who: who, url: *at, web: &http.Client{
		Timeout: timeout,
		Transport: &http.Transport{
			DialContext:            guard.Dial,
			ForceAttemptHTTP2:      true,
			TLSHandshakeTimeout:    5 * time.Second,
			IdleConnTimeout:        30 * time.Second,
			MaxIdleConns:           2,
			MaxResponseHeaderBytes: 64 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	h.secrets = secretsOf(at)
	return h
}

// secretsOf are the parts of an address that look like keys: the end of the path, its long parts, and
// what stands in the query.
func secretsOf(u *url.URL) (all []string) {
	parts := strings.Split(strings.Trim(u.EscapedPath(), "/"), "/")
	for i, part := range parts {
		if len(part) >= 12 || i == len(parts)-1 && len(part) >= 6 {
			all = append(all, part)
		}
	}
	for _, values := range u.Query() {
		for _, v := range values {
			if len(v) >= 4 {
				all = append(all, v, url.QueryEscape(v))
			}
		}
	}
	if u.RawQuery != "" {
		all = append(all, u.RawQuery)
	}
	return all
}

// URL is a copy of the address.
func (h *Hook) URL() url.URL { return h.url }

// Mark tells addresses apart without saying them.
func (h *Hook) Mark() string {
	sum := sha256.Sum256([]byte(h.url.String()))
	return hex.EncodeToString(sum[:6])
}

// Answer is what the other side said.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Good reports whether the request was taken.
func (a *Answer) Good() bool { return a.Status/100 == 2 }

// Send sends a body to an address of the hook and reads the answer, of whatever status. The error is
// an *outbox.Refusal.
func (h *Hook) Send(
	ctx context.Context, method, to string, header http.Header, body []byte,
) (*Answer, error) {
	req, err := http.NewRequestWithContext(ctx, method, to, bytes.NewReader(body))
	if err != nil {
		return nil, &outbox.Refusal{Who: h.Who, Fate: outbox.Bad, Reason: "the request cannot be made"}
	}
	for name, values := range header {
		req.Header[name] = values
	}
	if req.Header.Get("Content-Type") == "" {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("User-Agent", userAgent)
	res, err := h.web.Do(req)
	if err != nil {
		return nil, h.unreached(0, err)
	}
	defer res.Body.Close()
	a := &Answer{Status: res.StatusCode, Header: res.Header}
	// What was very likely taken, but whose answer broke off, is sent again: nobody can know.
	if a.Body, err = io.ReadAll(io.LimitReader(res.Body, maxAnswer)); err != nil && a.Good() {
		return nil, h.unreached(a.Status, err)
	}
	return a, nil
}

// unreached is a refusal without an answer. net/http puts the address into every error it returns.
func (h *Hook) unreached(status int, err error) *outbox.Refusal {
	refused := errors.Is(err, outbound.ErrRefused)
	slow := errors.Is(err, context.DeadlineExceeded)
	if u, ok := errors.AsType[*url.Error](err); ok {
		slow = slow || u.Timeout()
		err = u.Err
	}
	r := &outbox.Refusal{Who: h.Who, Status: status, Reason: h.Hide(err.Error())}
	switch {
	case refused: // it says what to do
	case slow:
		r.Reason, r.Do = "no answer in time", "see whether the host is up and can be reached from this server"
	default:
		r.Do = "see whether the host of the address is right, up, and can be reached from this server"
	}
	return r
}

// Hide is a text of the other side for an error: short, on one line, and without the secret parts of
// the address.
func (h *Hook) Hide(text string) string {
	for _, s := range h.secrets {
		text = strings.ReplaceAll(text, s, "[redacted]")
	}
	return outbox.Cut(outbox.Clean(text), 200)
}
