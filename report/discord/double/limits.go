package double

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Problem is a rule of Discord, or ours about mentions, that a message breaks.
type Problem struct {
	Path string // such as embeds.0.title
	Code string
	Says string
}

// String is the problem in a line.
func (p Problem) String() string { return p.Path + ": " + p.Says }

// The documented limits, in characters and in pieces.
const (
	maxContent, maxUsername                 = 2000, 80
	maxEmbeds, maxFields                    = 10, 25
	maxTitle, maxDescription                = 256, 4096
	maxName, maxValue, maxFooter, maxAuthor = 256, 1024, 2048, 256
	maxTotal                                = 6000 // of all embeds
	maxFiles, maxFileBytes                  = 10, 10 << 20
	maxAlt                                  = 1024
)

// checker gathers problems.
type checker struct {
	all   []Problem
	total int
}

func (c *checker) say(path, code, format string, args ...any) {
	c.all = append(c.all, Problem{path, code, fmt.Sprintf(format, args...)})
}

// text checks the length of a text, which counts for the total of the embeds.
func (c *checker) text(path, s string, limit int) {
	n := utf8.RuneCountInString(s)
	c.total += n
	if n > limit {
		c.say(path, "BASE_TYPE_MAX_LENGTH", "Must be %d or fewer in length. (%d)", limit, n)
	}
	if !utf8.ValidString(s) {
		c.say(path, "BASE_TYPE_BAD_STRING", "not UTF-8")
	}
}

// Problems are all rules that a message breaks.
func Problems(m Message) []Problem {
	c := &checker{}
	if string(m.AllowedMentions) != `{"parse":[]}` {
		c.say("allowed_mentions", "OURS", "is %q: somebody could be pinged", m.AllowedMentions)
	}
	c.text("content", m.Content, maxContent)
	c.text("username", m.Username, maxUsername)
	if low := strings.ToLower(m.Username); strings.Contains(low, "discord") || strings.Contains(low, "clyde") {
		c.say("username", "USERNAME_INVALID_CONTAINS", `Username cannot contain "discord" or "clyde"`)
	}
	c.total = 0 // of the embeds alone
	if m.Content == "" && len(m.Embeds) == 0 {
		c.say("", "50006", "Cannot send an empty message")
	}
	if len(m.Embeds) > maxEmbeds {
		c.say("embeds", "BASE_TYPE_MAX_LENGTH", "Must be %d or fewer in length.", maxEmbeds)
	}
	for i := range m.Embeds {
		c.embed(fmt.Sprintf("embeds.%d", i), &m.Embeds[i])
	}
	if c.total > maxTotal {
		c.say("embeds", "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of %d (%d)", maxTotal, c.total)
	}
	return c.all
}

func (c *checker) embed(at string, e *Embed) {
	c.text(at+".title", e.Title, maxTitle)
	c.text(at+".description", e.Description, maxDescription)
	c.text(at+".footer.text", e.Footer.Text, maxFooter)
	c.text(at+".author.name", e.Author.Name, maxAuthor)
	if e.Title == "" && e.Description == "" && len(e.Fields) == 0 && e.Footer.Text == "" && e.Author.Name == "" &&
		e.Image.URL == "" {
		c.say(at, "50006", "Cannot send an empty message")
	}
	if e.Color < 0 || e.Color > 0xffffff {
		c.say(at+".color", "NUMBER_TYPE_MAX", "int value should be less than or equal to 16777215.")
	}
	if len(e.Fields) > maxFields {
		c.say(at+".fields", "BASE_TYPE_MAX_LENGTH", "Must be %d or fewer in length.", maxFields)
	}
	if _, err := time.Parse(time.RFC3339, e.Timestamp); e.Timestamp != "" && err != nil {
		c.say(at+".timestamp", "DATE_TIME_TYPE_PARSE", "Could not parse %s. Should be ISO8601.", e.Timestamp)
	}
	for i, f := range e.Fields {
		at := fmt.Sprintf("%s.fields.%d", at, i)
		c.text(at+".name", f.Name, maxName)
		c.text(at+".value", f.Value, maxValue)
		if strings.TrimSpace(f.Name) == "" || strings.TrimSpace(f.Value) == "" {
			c.say(at, "BASE_TYPE_REQUIRED", "This field is required")
		}
	}
}

// Refuse answers as Discord does: each problem where it is in the message.
func Refuse(w http.ResponseWriter, all []Problem) {
	errors := map[string]any{}
	for _, p := range all {
		if p.Code == "40005" {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			io.WriteString(w, `{"message": "Request entity too large", "code": 40005}`)
			return
		}
		if p.Code == "50006" {
			w.WriteHeader(http.StatusBadRequest)
			io.WriteString(w, `{"message": "Cannot send an empty message", "code": 50006}`)
			return
		}
		at := errors
		for _, step := range strings.Split(p.Path, ".") {
			next, _ := at[step].(map[string]any)
			if next == nil {
				next = map[string]any{}
				at[step] = next
			}
			at = next
		}
		list, _ := at["_errors"].([]any)
		at["_errors"] = append(list, map[string]string{"code": p.Code, "message": p.Says})
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusBadRequest)
	json.NewEncoder(w).Encode(map[string]any{"code": 50035, "errors": errors, "message": "Invalid Form Body"})
}

// bucket is a limit of rate as Discord keeps one per webhook: so many requests in a window.
type bucket struct {
	limit  int
	window time.Duration
	now    func() time.Time
	global bool
	from   time.Time
	used   int
}

// Limit lets so many requests through in a window, as Discord does for each webhook (5 in 2 s), or
// with global for everybody (50 in 1 s). It says in its headers how much is left.
func (d *Discord) Limit(n int, window time.Duration, global bool, now func() time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.bucket = &bucket{limit: n, window: window, global: global, now: now, from: now()}
}

// take answers 429 and false if there is nothing left.
func (b *bucket) take(w http.ResponseWriter) bool {
	now := b.now()
	if now.Sub(b.from) >= b.window {
		b.from, b.used = now, 0
	}
	after := b.from.Add(b.window).Sub(now).Seconds()
	h := w.Header()
	if !b.global {
		h.Set("X-RateLimit-Limit", strconv.Itoa(b.limit))
		h.Set("X-RateLimit-Remaining", strconv.Itoa(max(0, b.limit-b.used-1)))
		h.Set("X-RateLimit-Reset", strconv.FormatFloat(float64(now.UnixMilli())/1e3+after, 'f', 3, 64))
		h.Set("X-RateLimit-Reset-After", strconv.FormatFloat(after, 'f', 3, 64))
		h.Set("X-RateLimit-Bucket", "abcd1234")
	}
	if b.used < b.limit {
		b.used++
		return true
	}
	scope := "user"
	if b.global {
		scope = "global"
		h.Set("X-RateLimit-Global", "true")
	}
	h.Set("X-RateLimit-Scope", scope)
	h.Set("Retry-After", strconv.FormatFloat(after, 'f', 3, 64))
	h.Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusTooManyRequests)
	fmt.Fprintf(w, `{"message": "You are being rate limited.", "retry_after": %.3f, "global": %t}`, after, b.global)
	return false
}
