package discord

import (
	"encoding/json"
	"math"
	"net/http"
	"strconv"
	"time"

	"analytics/report/outbox"
)

// problem is the body of Discord's error answers.
type problem struct {
	Message    string   `json:"message"`
	Code       int      `json:"code"`
	RetryAfter *float64 `json:"retry_after"`
}

// unknownMessage is the code of a 404 that is about the message, not the webhook.
const unknownMessage = 10008

// judge reads an answer; nil means the message was taken.
func (c *Client) judge(res *http.Response, answer []byte) *outbox.Refusal {
	var p problem
	json.Unmarshal(answer, &p) // a proxy's HTML page leaves it empty, which is fine
	r := &outbox.Refusal{Who: who, Status: res.StatusCode, Reason: outbox.Cut(outbox.Clean(c.hide(p.Message)), 200)}
	if r.Reason == "" {
		r.Reason = http.StatusText(res.StatusCode)
	}
	switch s := res.StatusCode; {
	case s >= 200 && s < 300:
		return nil
	case s == http.StatusTooManyRequests:
		r.Fate, r.After = outbox.Wait, retryAfter(p.RetryAfter, res.Header)
	case s == http.StatusNotFound && p.Code == unknownMessage:
		r.Fate = outbox.Bad
	case s == http.StatusUnauthorized, s == http.StatusForbidden, s == http.StatusNotFound:
		r.Fate = outbox.Closed
	case s >= 300 && s < 400:
		r.Fate, r.Reason = outbox.Closed, "a redirect, which is not followed; set the URL it leads to"
	case s == http.StatusRequestTimeout, s >= 500:
		r.Fate = outbox.Again
	default:
		r.Fate = outbox.Bad
	}
	return r
}

// The bounds of a pause: an answer without a usable number waits a little, and no answer can stop
// the outbox for longer than a message is kept trying.
const (
	usualPause = 5 * time.Second
	maxPause   = 24 * time.Hour
)

// retryAfter is the longest of what the answer says: body and header are seconds with a fraction.
func retryAfter(body *float64, h http.Header) time.Duration {
	longest := time.Duration(-1)
	consider := func(seconds float64) {
		if math.IsNaN(seconds) || seconds < 0 {
			return
		}
		d := maxPause
		if seconds < maxPause.Seconds() {
			d = time.Duration(math.Ceil(seconds * 1e9))
		}
		longest = max(longest, d)
	}
	if body != nil {
		consider(*body)
	}
	for _, name := range []string{"Retry-After", "X-RateLimit-Reset-After"} {
		if v, err := strconv.ParseFloat(h.Get(name), 64); err == nil {
			consider(v)
		}
	}
	if longest < 0 {
		return usualPause
	}
	return longest
}

// exhausted is how long to pause after a message that was taken: until the window resets, if it was
// the last one the window allows.
func exhausted(h http.Header) time.Duration {
	if h.Get("X-RateLimit-Remaining") != "0" {
		return 0
	}
	if h.Get("X-RateLimit-Reset-After") == "" {
		return 0
	}
	return retryAfter(nil, h)
}
