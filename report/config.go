package report

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"analytics/engine/config"
	"analytics/query/when"
	"analytics/report/discord"
	"analytics/report/email"
	"analytics/report/outbox"
)

// Config is the `report:` block.
type Config struct {
	Timezone string  `yaml:"timezone" doc:"IANA zone whose days reports and budgets are of; UTC if empty." restart:"true"`
	DailyAt  string  `yaml:"daily_at" doc:"Local time at which yesterday's reports are written and sent." restart:"true"`
	Discord  Discord `yaml:"discord"`
	Email    Email   `yaml:"email"`
}

// Discord is where messages go.
type Discord struct {
	WebhookURL config.Secret `yaml:"webhook_url" doc:"Webhook of a channel: its settings, Integrations, Webhooks."`
}

// Email is a mail server and who hears from us.
type Email struct {
	SMTP config.Secret `yaml:"smtp" doc:"smtp://user:password@host:587 (STARTTLS), or smtps://…:465."`
	From string        `yaml:"from" doc:"Sender of e-mail."`
	To   []string      `yaml:"to" doc:"Recipients of e-mail."`
}

// DefaultConfig writes reports at eight in the morning, UTC, and sends them nowhere.
func DefaultConfig() Config { return Config{DailyAt: "08:00"} }

// Validate says everything that is wrong with the block, the webhook aside: whether that may be
// reached depends on network.allow, see Webhook.
func (c Config) Validate() error {
	var all []error
	if _, err := when.Zone(c.Timezone, time.UTC); err != nil {
		all = append(all, fmt.Errorf("timezone: %w", err))
	}
	if _, _, err := c.clock(); err != nil {
		all = append(all, err)
	}
	return errors.Join(append(all, c.Email.problems()...)...)
}

// Zone is the reporting zone. The config must be valid.
func (c Config) Zone() *time.Location {
	zone, err := when.Zone(c.Timezone, time.UTC)
	if err != nil {
		return time.UTC
	}
	return zone
}

// clock is the time of day of the reports.
func (c Config) clock() (hour, minute int, err error) {
	t, err := time.Parse("15:04", c.DailyAt)
	if err != nil {
		return 0, 0, fmt.Errorf("daily_at: %q is not a time of day; use one such as 08:00", c.DailyAt)
	}
	return t.Hour(), t.Minute(), nil
}

// Webhook is a client of the webhook that is set, nil if none is. allow is network.allow.
func (c Config) Webhook(allow []netip.Prefix) (*discord.Client, error) {
	if c.Discord.WebhookURL == "" {
		return nil, nil
	}
	return discord.NewClient(string(c.Discord.WebhookURL), allow)
}

// Channels are all places that are set. allow is network.allow.
func (c Config) Channels(allow []netip.Prefix) ([]outbox.Channel, error) {
	var all []outbox.Channel
	hook, err := c.Webhook(allow)
	if err != nil {
		return nil, err
	}
	if hook != nil {
		all = append(all, outbox.Channel{Name: "discord", Kind: "discord", Sender: hook})
	}
	if c.Email.set() {
		m, err := email.New(string(c.Email.SMTP), c.Email.From, c.Email.To, allow)
		if err != nil {
			return nil, err
		}
		all = append(all, outbox.Channel{Name: "email", Kind: "email", Sender: m})
	}
	return all, nil
}

// Warnings are what a person should hear at the start although the settings are valid.
func (c Config) Warnings() []string { return nil }

func (e Email) set() bool { return e.SMTP != "" || e.From != "" || len(e.To) > 0 }

// problems checks the parts together.
func (e Email) problems() []error {
	if !e.set() {
		return nil
	}
	_, err := email.New(string(e.SMTP), e.From, e.To, nil)
	if all, ok := err.(interface{ Unwrap() []error }); ok {
		return all.Unwrap()
	}
	return nil
}
