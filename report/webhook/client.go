package webhook

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"analytics/report/hook"
	"analytics/report/outbox"
)

// Client posts to one program.
type Client struct {
	// Template makes the body; nil for the usual one.
	Template *outbox.Template
	channel  string
	secrets  [][]byte
	hook     *hook.Hook
}

// NewClient checks address and secrets and makes a client of them. channel is what the body calls the
// channel, allow is network.allow.
func NewClient(channel, address string, secrets []string, allow []netip.Prefix) (*Client, error) {
	at, guard, err := hook.Address(address, allow)
	var all []error
	if err != nil {
		all = append(all, fmt.Errorf("url: %w", err))
	}
	if len(secrets) == 0 || len(secrets) > maxSecrets {
		all = append(all, fmt.Errorf("secret: 1 to %d are needed; `echo whsec_$(openssl rand -base64 32)` makes one",
			maxSecrets))
	}
	c := &Client{channel: channel}
	for _, s := range secrets {
		key, err := ParseSecret(s)
		if err != nil {
			all = append(all, fmt.Errorf("secret: %w", err))
			continue
		}
		c.secrets = append(c.secrets, key)
	}
	if len(all) > 0 {
		return nil, errors.Join(all...)
	}
	c.hook = hook.New(at.Hostname(), at, guard)
	return c, nil
}

// Try says whether a template makes JSON of the samples.
func Try(t *outbox.Template) error {
	if !t.HasText() {
		return nil
	}
	for _, l := range outbox.Samples() {
		if _, text, err := t.Fill(l, nil); err != nil || !json.Valid([]byte(text)) {
			return errors.New("template: it makes the body of a webhook, which must be JSON; write texts as {{json .Title}}")
		}
	}
	return nil
}

// Mark tells addresses apart without saying them. New secrets do not make another place of it.
func (c *Client) Mark() string { return c.hook.Mark() }

// Edits says that what was sent stays as it is.
func (c *Client) Edits() bool { return false }

// Form is the body, in the one way of writing JSON that stays the same when the outbox keeps it and
// reads it back: the id of the message is made of it.
func (c *Client) Form(l outbox.Letter) (json.RawMessage, error) {
	if _, text := c.Template.Word(&l, nil); text != "" {
		if json.Valid([]byte(text)) {
			return json.Marshal(json.RawMessage(text))
		}
		l.Note.Lines = append(append([]string(nil), l.Note.Lines...),
			"The template of this channel made no JSON of this message.")
	}
	return write(c.channel, l)
}

// Send posts the body, signed with all secrets.
func (c *Client) Send(ctx context.Context, p outbox.Parcel) (string, time.Duration, error) {
	id := messageID(c.channel, p)
	var signatures []string
	for _, s := range c.secrets {
		signatures = append(signatures, Sign(s, id, p.Now, p.Form))
	}
	h := http.Header{}
	h.Set(headerID, id)
	h.Set(headerTime, strconv.FormatInt(p.Now.Unix(), 10))
	h.Set(headerSign, strings.Join(signatures, " "))
	u := c.hook.URL()
	a, err := c.hook.Send(ctx, http.MethodPost, u.String(), h, p.Form)
	if err != nil {
		return "", 0, err
	}
	if r := c.hook.Judge(a, firstLine(a.Body), false, p.Now); r != nil {
		return "", 0, r
	}
	return id, 0, nil
}

// messageID is of what is said, not of when: the same however often it is tried, whoever tries it.
func messageID(channel string, p outbox.Parcel) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%s\x00%s", channel, p.Report, p.Period, p.Form))
	return "msg_" + hex.EncodeToString(sum[:16])
}

// firstLine is what an answer says, if it is text.
func firstLine(body []byte) string {
	line, _, _ := strings.Cut(strings.TrimSpace(string(body)), "\n")
	if strings.HasPrefix(line, "<") {
		return ""
	}
	return line
}
