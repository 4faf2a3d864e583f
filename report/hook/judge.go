package hook

import (
	"cmp"
	"math"
	"net/http"
	"strconv"
	"time"

	"analytics/report/outbox"
)

// Judge is why a message was not taken, by the status alone; nil if it was. reason is what the other
// side said, if it said something. Statuses that say that the address is wrong close the channel only
// if closes: a chat says so for good, while a program may just be started anew.
func (h *Hook) Judge(a *Answer, reason string, closes bool, now time.Time) *outbox.Refusal {
	if a.Good() {
		return nil
	}
	r := &outbox.Refusal{Who: h.Who, Status: a.Status, Reason: h.Hide(cmp.Or(reason, http.StatusText(a.Status)))}
	switch s := a.Status; {
	case s == http.StatusTooManyRequests:
		r.Fate, r.After = outbox.Wait, RetryAfter(a.Header, now)
		r.Do = "nothing: it is tried again when the other side wants it"
	case s == http.StatusGone:
		r.Fate, r.Do = outbox.Closed, "make a new webhook there and set its address here"
	case s == http.StatusUnauthorized, s == http.StatusForbidden, s == http.StatusNotFound:
		r.Do = "see whether the webhook still exists there, and whether its address here is the same"
		if closes {
			r.Fate = outbox.Closed
		}
	case s >= 300 && s < 400:
		r.Fate, r.Reason = outbox.Closed, "a redirect, which is not followed"
		r.Do = "set the address it leads to"
	case s == http.StatusRequestTimeout, s == http.StatusTooEarly, s >= 500:
		r.Do = "nothing at first: it is tried again; if it stays so, see what the other side logs"
		if a.Header.Get("Retry-After") != "" {
			r.After = RetryAfter(a.Header, now)
		}
	default:
		r.Fate, r.Do = outbox.Bad, "see what the other side logs about the message"
	}
	return r
}

// The bounds of a pause: an answer without a usable number waits a little, and no answer can stop a
// channel for longer than a day.
const (
	usualPause = 5 * time.Second
	maxPause   = 24 * time.Hour
)

// RetryAfter is the longest of what an answer says about when to come again: its headers, in seconds
// with or without a fraction or as a date, and seconds that its body told.
func RetryAfter(header http.Header, now time.Time, told ...float64) time.Duration {
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
	for _, seconds := range told {
		consider(seconds)
	}
	for _, name := range []string{"Retry-After", "X-RateLimit-Reset-After"} {
		text := header.Get(name)
		if v, err := strconv.ParseFloat(text, 64); err == nil {
			consider(v)
		} else if at, err := http.ParseTime(text); err == nil {
			consider(max(0, at.Sub(now).Seconds()))
		}
	}
	if longest < 0 {
		return usualPause
	}
	return longest
}
