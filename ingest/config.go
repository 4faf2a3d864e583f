package ingest

import (
	"cmp"
	"net/netip"
	"os"
	"time"

	"analytics/engine/budget"
	"analytics/ingest/enrich/geo"
	"analytics/ingest/events"
	"analytics/ingest/gateway"
	"analytics/ingest/otlp"
	"analytics/ingest/pricing/register"
	"analytics/ingest/throttle"
	"analytics/ingest/tracker"
)

// Config is the blocks of analytics.yaml that are the room's own.
type Config struct {
	Gateway  gateway.Config  `yaml:"gateway"`
	OTLP     otlp.Config     `yaml:"otlp"`
	Tracker  tracker.Config  `yaml:"tracker"`
	Throttle throttle.Config `yaml:"throttle"`
	Budgets  budget.Config   `yaml:"budgets"`
	Geo      geo.Config      `yaml:"geo"`
}

// DefaultConfig is what counts where nothing is set.
func DefaultConfig() Config {
	return Config{Gateway: gateway.DefaultConfig(), Tracker: tracker.DefaultConfig(),
		Throttle: throttle.DefaultConfig(), Budgets: budget.DefaultConfig()}
}

// Settings are all that an operator may set of the room. They may change while the server runs.
type Settings struct {
	Config
	Events events.Config
	Prices register.Config
	Zone   *time.Location // of dates
	Data   string         // the data folder, for short-lived copies
	Allow  []netip.Prefix // network.allow: private ranges that upstreams may be in
}

// Warnings are what is probably not meant.
func (s Settings) Warnings() []string { return s.Gateway.Warnings(s.Allow) }

// Wrong is what a Room with these settings would warn of, for who opens none.
func (s Settings) Wrong() []string { return placeless(geo.Check(s.Geo, cmp.Or(s.Data, os.TempDir()))) }

// placeless says what comes of bad files of places.
func placeless(files []string) (all []string) {
	for _, wrong := range files {
		all = append(all, wrong+"; page views have no region, city or network from it")
	}
	return all
}
