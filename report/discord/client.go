package discord

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"analytics/report/outbox"
)

const (
	// sendTimeout is for one request to Discord with its answer.
	sendTimeout = 10 * time.Second
	// maxAnswer is how much of an answer is read.
	maxAnswer = 1 << 20
	// who is what we call the other side.
	who = "Discord"
	// username is what every message is posted as.
	username = "analytics"
)

// Client posts to one webhook. It is safe for concurrent use, but the outbox sends one at a time.
type Client struct {
	target *target
	http   *http.Client
	mark   string
}

// NewClient checks the webhook's URL and builds a client for it. allow is network.allow: the
// private address ranges that may be reached.
func NewClient(webhook string, allow []netip.Prefix) (*Client, error) {
	t, err := parseTarget(webhook, allow)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(t.url.String()))
	return &Client{target: t, http: t.httpClient(), mark: hex.EncodeToString(sum[:6])}, nil
}

// Mark tells webhooks apart without saying their token.
func (c *Client) Mark() string { return c.mark }

// Post sends a new message and returns its id. The error is an *outbox.Refusal.
func (c *Client) Post(ctx context.Context, m Message) (id string, pause time.Duration, err error) {
	return c.do(ctx, http.MethodPost, c.address(""), newPayload(m, username))
}

// Edits says that a message in the channel can be replaced.
func (c *Client) Edits() bool { return true }

// Form is the letter's message with its footer.
func (c *Client) Form(l outbox.Letter) (json.RawMessage, error) { return json.Marshal(signed(l)) }

// Send posts a message, or edits the one that is there.
func (c *Client) Send(ctx context.Context, p outbox.Parcel) (string, time.Duration, error) {
	var m Message
	if err := json.Unmarshal(p.Form, &m); err != nil {
		return "", 0, &outbox.Refusal{Who: who, Fate: outbox.Bad, Reason: "the message in the outbox cannot be read"}
	}
	if p.Before != "" {
		pause, err := c.Edit(ctx, p.Before, m)
		return p.Before, pause, err
	}
	return c.Post(ctx, m)
}

// Edit replaces a message that was posted before. The error is an *outbox.Refusal.
func (c *Client) Edit(ctx context.Context, id string, m Message) (time.Duration, error) {
	_, pause, err := c.do(ctx, http.MethodPatch, c.address(id), newPayload(m, ""))
	return pause, err
}

// address is where a new message, or an edit of the one with that id, goes. wait=true makes Discord
// answer after the message is stored, with its id.
func (c *Client) address(id string) string {
	u := c.target.url
	if id != "" {
		u.Path = strings.TrimSuffix(u.Path, "/") + "/messages/" + url.PathEscape(id)
	}
	q := u.Query()
	q.Set("wait", "true")
	u.RawQuery = q.Encode()
	return u.String()
}

// do makes one request. pause is how long Discord wants no further one.
func (c *Client) do(ctx context.Context, method, to string, p payload) (
	id string, pause time.Duration, err error) {
	var body bytes.Buffer
	enc := json.NewEncoder(&body)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(p); err != nil {
		return "", 0, &outbox.Refusal{Who: who, Fate: outbox.Bad, Reason: "the message cannot be written as JSON"}
	}
	req, err := http.NewRequestWithContext(ctx, method, to, &body)
	if err != nil {
		return "", 0, &outbox.Refusal{Who: who, Fate: outbox.Bad, Reason: "the request cannot be made"}
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "analytics (webhook, 1)")
	res, err := c.http.Do(req)
	if err != nil {
		return "", 0, &outbox.Refusal{Who: who, Fate: outbox.Again, Reason: c.scrub(err)}
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil && res.StatusCode/100 == 2 {
		// It was very likely stored, but without the id nobody can know: send it again.
		return "", 0, &outbox.Refusal{Who: who, Fate: outbox.Again, Status: res.StatusCode, Reason: c.scrub(err)}
	}
	if r := c.judge(res, answer); r != nil {
		return "", 0, r
	}
	return messageID(answer), exhausted(res.Header), nil
}

// scrub is the error's text without the address, which net/http puts into every error it returns.
func (c *Client) scrub(err error) string {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	return outbox.Cut(outbox.Clean(c.hide(err.Error())), 200)
}

// hide blanks the secret part of the webhook's path wherever it turns up.
func (c *Client) hide(s string) string {
	path := c.target.url.Path
	if i := strings.LastIndexByte(path, '/'); i >= 0 && len(path)-i > 8 {
		s = strings.ReplaceAll(s, path[i+1:], "[redacted]")
	}
	return s
}

func messageID(answer []byte) string {
	var m struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(answer, &m) != nil || len(m.ID) > 64 {
		return ""
	}
	return m.ID
}

// String names the webhook for people: its host, never its path.
func (c *Client) String() string {
	return fmt.Sprintf("the Discord webhook on %s", c.target.url.Hostname())
}
