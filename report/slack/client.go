package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"analytics/report/hook"
	"analytics/report/outbox"
)

// Client posts to one incoming webhook.
type Client struct {
	// Template words messages; nil for the usual words.
	Template *outbox.Template
	hook     *hook.Hook
}

// NewClient checks the webhook's address and makes a client for it. allow is network.allow.
func NewClient(webhook string, allow []netip.Prefix) (*Client, error) {
	at, guard, err := hook.Address(webhook, allow)
	if err != nil {
		return nil, err
	}
	who := at.Hostname()
	if who == "hooks.slack.com" {
		who = "Slack"
	}
	return &Client{hook: hook.New(who, at, guard)}, nil
}

// Mark tells webhooks apart without saying their key.
func (c *Client) Mark() string { return c.hook.Mark() }

// Edits says that a message that was sent stays as it is.
func (c *Client) Edits() bool { return false }

// Form is the letter as a message.
func (c *Client) Form(l outbox.Letter) (json.RawMessage, error) {
	title, text := c.Template.Word(&l, Escape)
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(write(l, title, text))
	return bytes.TrimSpace(b.Bytes()), err
}

// Send posts a message. There is no id to return.
func (c *Client) Send(ctx context.Context, p outbox.Parcel) (string, time.Duration, error) {
	u := c.hook.URL()
	a, err := c.hook.Send(ctx, http.MethodPost, u.String(), nil, p.Form)
	if err != nil {
		return "", 0, err
	}
	// Slack says what is wrong in a word, Mattermost as JSON, and proxies in pages of HTML.
	said := string(a.Body)
	var problem struct{ Message string }
	if json.Unmarshal(a.Body, &problem) == nil {
		said = problem.Message
	}
	if strings.HasPrefix(strings.TrimSpace(said), "<") {
		said = ""
	}
	r := c.hook.Judge(a, strings.TrimSpace(said), true, p.Now)
	if r == nil {
		return "", 0, nil
	}
	if r.Fate == outbox.Closed && a.Status >= 400 {
		r.Do = "see whether the webhook and its channel still exist there; if not, make a new webhook and set its address"
	}
	return "", 0, r
}
