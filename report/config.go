package report

import (
	"errors"
	"fmt"
	"net/mail"
	"net/netip"
	"net/url"
	"time"

	"analytics/engine/config"
	"analytics/query/when"
	"analytics/report/discord"
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

// Email is read and checked, but nothing is sent by it yet: see Config.Warnings.
type Email struct {
	SMTP config.Secret `yaml:"smtp" doc:"smtp://user:password@host:587. E-mail is not sent by this version."`
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

// Warnings are what a person should hear at the start although the settings are valid.
func (c Config) Warnings() []string {
	if c.Email.SMTP == "" {
		return nil
	}
	return []string{"report.email is set, but this version does not send e-mail; " +
		"reports go to files and, if a webhook is set, to Discord"}
}

// problems checks the parts together. Errors do not repeat the SMTP address: it holds a password.
func (e Email) problems() []error {
	var all []error
	if e.SMTP == "" && e.From == "" && len(e.To) == 0 {
		return nil
	}
	u, err := url.Parse(string(e.SMTP))
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" {
		all = append(all, errors.New("email.smtp: use smtp://user:password@host:587"))
	}
	if _, err := mail.ParseAddress(e.From); err != nil {
		all = append(all, fmt.Errorf("email.from: %q is not an address", e.From))
	}
	if len(e.To) == 0 {
		all = append(all, errors.New("email.to: at least one address is needed"))
	}
	for _, to := range e.To {
		if _, err := mail.ParseAddress(to); err != nil {
			all = append(all, fmt.Errorf("email.to: %q is not an address", to))
		}
	}
	return all
}
