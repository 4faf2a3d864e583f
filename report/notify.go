package report

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"analytics/engine/config"
	"analytics/report/discord"
	"analytics/report/email"
	"analytics/report/outbox"
	"analytics/report/slack"
	"analytics/report/webhook"
)

// Notify is a channel: one item of `report.notify:`.
type Notify struct {
	Name       string        `yaml:"name" doc:"What the channel is called: a-z 0-9 - _."`
	Type       string        `yaml:"type" doc:"discord, slack (Mattermost, too), webhook or email."`
	URL        config.Secret `yaml:"url,omitempty" doc:"Address of the webhook."`
	Secret     Secrets       `yaml:"secret,omitempty" doc:"whsec_… that a webhook is signed with; more than one while it changes."`
	SMTP       config.Secret `yaml:"smtp,omitempty" doc:"smtp://user:password@host:587 (STARTTLS), or smtps://…:465."`
	From       string        `yaml:"from,omitempty" doc:"Sender of e-mail."`
	To         []string      `yaml:"to,omitempty" doc:"Recipients of e-mail."`
	For        []string      `yaml:"for,omitempty" doc:"alerts, reports; both if empty."`
	Severities []string      `yaml:"severities,omitempty" doc:"Alerts of these only: low, medium, high, critical."`
	Title      string        `yaml:"title,omitempty" doc:"Template of the title, or subject."`
	Template   string        `yaml:"template,omitempty" doc:"Template of the text."`
}

// Secrets are one secret or a list of them.
type Secrets []config.Secret

// UnmarshalYAML reads a text or a list of texts.
func (s *Secrets) UnmarshalYAML(read func(any) error) error {
	var many []string
	if err := read(&many); err != nil {
		var one string
		if err := read(&one); err != nil {
			return errors.New("a text or a list of texts is needed")
		}
		many = []string{one}
	}
	*s = nil
	for _, one := range many {
		*s = append(*s, config.Secret(one))
	}
	return nil
}

var channelName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,39}$`)

// channel is the channel that is set, or everything that is wrong with it.
func (n Notify) channel(allow []netip.Prefix) (outbox.Channel, error) {
	var all []error
	if !channelName.MatchString(n.Name) {
		all = append(all, errors.New("name: use up to 40 of a-z 0-9 - _, such as ops"))
	}
	for _, topic := range n.For {
		if topic != outbox.Alerts && topic != outbox.Reports {
			all = append(all, fmt.Errorf("for: %q is not one of alerts, reports", topic))
		}
	}
	for _, s := range n.Severities {
		if !slices.Contains(outbox.Severities, s) {
			all = append(all, fmt.Errorf("severities: %q is not one of %s", s, strings.Join(outbox.Severities, ", ")))
		}
	}
	words, err := outbox.ParseTemplate(n.Title, n.Template)
	if err == nil && n.Type == "webhook" {
		err = webhook.Try(words)
	}
	all = append(all, err, n.stray())
	sender, err := n.sender(words, allow)
	if err := errors.Join(append(all, err)...); err != nil {
		return outbox.Channel{Name: n.Name}, err
	}
	return outbox.Channel{
		Name: n.Name, Kind: n.Type, Topics: n.For, Severities: n.Severities, Sender: sender,
	}, nil
}

func (n Notify) sender(words *outbox.Template, allow []netip.Prefix) (outbox.Sender, error) {
	at := func(field string, err error) error { return fmt.Errorf("%s: %w", field, err) }
	switch n.Type {
	case "discord":
		c, err := discord.NewClient(string(n.URL), allow)
		if err != nil {
			return nil, at("url", err)
		}
		c.Template = words
		return c, nil
	case "slack":
		c, err := slack.NewClient(string(n.URL), allow)
		if err != nil {
			return nil, at("url", err)
		}
		c.Template = words
		return c, nil
	case "webhook":
		var secrets []string
		for _, s := range n.Secret {
			secrets = append(secrets, string(s))
		}
		c, err := webhook.NewClient(n.Name, string(n.URL), secrets, allow)
		if err != nil {
			return nil, err
		}
		c.Template = words
		return c, nil
	case "email":
		m, err := email.New(string(n.SMTP), n.From, n.To, allow)
		if err != nil {
			return nil, err
		}
		m.Template = words
		return m, nil
	}
	return nil, fmt.Errorf("type: %q is not one of discord, slack, webhook, email", n.Type)
}

// stray says which settings mean nothing for the type: most likely the type is the mistake.
func (n Notify) stray() error {
	var all []error
	no := func(set bool, field, types string) {
		if set && !slices.Contains(strings.Fields(types), n.Type) {
			all = append(all, fmt.Errorf("%s: a channel of type %s has none", field, cmp.Or(n.Type, `""`)))
		}
	}
	if !slices.Contains([]string{"discord", "slack", "webhook", "email"}, n.Type) {
		return nil
	}
	no(n.URL != "", "url", "discord slack webhook")
	no(len(n.Secret) > 0, "secret", "webhook")
	no(n.SMTP != "", "smtp", "email")
	no(n.From != "", "from", "email")
	no(len(n.To) > 0, "to", "email")
	no(n.Title != "", "title", "discord slack email")
	return errors.Join(all...)
}
