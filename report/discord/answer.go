package discord

import (
	"encoding/json"
	"net/http"
	"time"

	"analytics/report/hook"
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
func (c *Client) judge(a *hook.Answer) *outbox.Refusal {
	var p problem
	json.Unmarshal(a.Body, &p) // a proxy's HTML page leaves it empty, which is fine
	r := c.hook.Judge(a, p.Message, true, time.Time{})
	switch {
	case r == nil:
		return nil
	case r.Status == http.StatusNotFound && p.Code == unknownMessage:
		r.Fate, r.Do = outbox.Bad, "somebody deleted the message; nothing has to be done"
	case r.Fate == outbox.Closed && r.Status >= 400:
		r.Do = "make a new webhook in the channel's settings (Integrations, Webhooks) and set its URL"
	case r.Fate == outbox.Wait && p.RetryAfter != nil:
		r.After = hook.RetryAfter(a.Header, time.Time{}, *p.RetryAfter)
	}
	return r
}

// exhausted is how long to pause after a message that was taken: until the window resets, if it was
// the last one the window allows.
func exhausted(h http.Header) time.Duration {
	if h.Get("X-RateLimit-Remaining") != "0" || h.Get("X-RateLimit-Reset-After") == "" {
		return 0
	}
	return hook.RetryAfter(h, time.Time{})
}
