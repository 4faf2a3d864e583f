package report

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"analytics/engine/config"
	"analytics/query/when"
	"analytics/report/outbox"
)

// Config is the `report:` block.
type Config struct {
	Timezone string   `yaml:"timezone" doc:"IANA zone whose days reports and budgets are of; UTC if empty." restart:"true"`
	DailyAt  string   `yaml:"daily_at" doc:"Local time at which yesterday's reports are written and sent." restart:"true"`
	Weekly   bool     `yaml:"weekly" doc:"Write and send the reports of a week, too, once it is over." restart:"true"`
	Monthly  bool     `yaml:"monthly" doc:"Write and send the reports of a month, too, once it is over." restart:"true"`
	Discord  Discord  `yaml:"discord"`
	Email    Email    `yaml:"email"`
	Notify   []Notify `yaml:"notify" doc:"More channels, by name."`
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
func DefaultConfig() Config { return Config{DailyAt: "08:00", Weekly: true, Monthly: true} }

// Validate says everything that is wrong with the block, the channels aside: what they may reach
// depends on network.allow, see Channels.
func (c Config) Validate() error {
	var all []error
	if _, err := when.Zone(c.Timezone, time.UTC); err != nil {
		all = append(all, fmt.Errorf("timezone: %w", err))
	}
	if _, _, err := c.clock(); err != nil {
		all = append(all, err)
	}
	return errors.Join(all...)
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

// Channels are all places that are set. allow is network.allow. The error says everything that is
// wrong with them, each with the path of its setting.
func (c Config) Channels(allow []netip.Prefix) ([]outbox.Channel, error) {
	var channels []outbox.Channel
	var all []error
	if c.Discord.WebhookURL != "" {
		n := Notify{Name: "discord", Type: "discord", URL: c.Discord.WebhookURL}
		channel, err := n.channel(allow)
		if err != nil {
			all = append(all, below("report.discord.webhook_", err)...)
		}
		channels = append(channels, channel)
	}
	if c.Email.set() {
		n := Notify{Name: "email", Type: "email", SMTP: c.Email.SMTP, From: c.Email.From, To: c.Email.To}
		channel, err := n.channel(allow)
		if err != nil {
			all = append(all, below("report.email.", err)...)
		}
		channels = append(channels, channel)
	}
	for i, n := range c.Notify {
		at := fmt.Sprintf("report.notify[%s].", cmp.Or(n.Name, strconv.Itoa(i)))
		channel, err := n.channel(allow)
		if err != nil {
			all = append(all, below(at, err)...)
		}
		if slices.ContainsFunc(channels, func(o outbox.Channel) bool { return o.Name == n.Name && n.Name != "" }) {
			all = append(all, fmt.Errorf("%sname: there is another channel of that name", at))
		}
		channels = append(channels, channel)
	}
	if len(all) > 0 {
		return nil, errors.Join(all...)
	}
	return channels, nil
}

// below puts a path before each of the errors that are joined in err.
func below(path string, err error) (all []error) {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{fmt.Errorf("%s%w", path, err)}
	}
	for _, e := range joined.Unwrap() {
		all = append(all, below(path, e)...)
	}
	return all
}

// Warnings are what a person should hear at the start although the settings are valid.
func (c Config) Warnings() []string { return nil }

func (e Email) set() bool { return e.SMTP != "" || e.From != "" || len(e.To) > 0 }
