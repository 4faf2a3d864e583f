package discord

import (
	"context"
	"encoding/json"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"analytics/report/hook"
	"analytics/report/outbox"
)

const (
	// who is what we call the other side.
	who = "Discord"
	// username is what every message is posted as.
	username = "analytics"
)

// Client posts to one webhook. It is safe for concurrent use, but the outbox sends one at a time.
type Client struct {
	// Template words messages; nil for the usual words.
	Template *outbox.Template
	hook     *hook.Hook
}

// NewClient checks the webhook's URL and builds a client for it. allow is network.allow: the
// private address ranges that may be reached.
func NewClient(webhook string, allow []netip.Prefix) (*Client, error) {
	at, guard, err := parseTarget(webhook, allow)
	if err != nil {
		return nil, err
	}
	return &Client{hook: hook.New(who, at, guard)}, nil
}

// Mark tells webhooks apart without saying their token.
func (c *Client) Mark() string { return c.hook.Mark() }

// Post sends a new message and returns its id. The error is an *outbox.Refusal.
func (c *Client) Post(ctx context.Context, m Message) (id string, pause time.Duration, err error) {
	return c.do(ctx, http.MethodPost, c.address(""), newPayload(m, username))
}

// Edits says that a message in the channel can be replaced.
func (c *Client) Edits() bool { return true }

// Form is the letter's message with its footer.
func (c *Client) Form(l outbox.Letter) (json.RawMessage, error) { return json.Marshal(c.signed(l)) }

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
	u := c.hook.URL()
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
	header, body, err := p.write()
	if err != nil {
		return "", 0, &outbox.Refusal{Who: who, Fate: outbox.Bad, Reason: "the message cannot be written"}
	}
	a, err := c.hook.Send(ctx, method, to, header, body)
	if err != nil {
		return "", 0, err
	}
	if r := c.judge(a); r != nil {
		return "", 0, r
	}
	return messageID(a.Body), exhausted(a.Header), nil
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
