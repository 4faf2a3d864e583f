package middleware

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// Config is what the application says. Endpoint and Key must be there.
type Config struct {
	// Endpoint is where analytics listens, such as https://analytics.example.com.
	Endpoint string
	// Key is a key with the scope ingest, and for Throttle the scope query, too.
	Key string
	// Site is the site's name in place of the host that was asked for.
	Site string
	// TrustedProxies are those whose X-Forwarded-For and X-Forwarded-Proto are believed.
	TrustedProxies []netip.Prefix
	// Skip leaves out more requests than those for parts of pages and for data.
	Skip func(*http.Request) bool
	// RespectDNT leaves out visitors who send Do Not Track or Global Privacy Control.
	RespectDNT bool
	// Throttle asks analytics how much each visitor is to be slowed down, refuses blocked ones with
	// 429, and tells the application of the others by DecisionOf.
	Throttle bool

	Client *http.Client // one with a timeout of 10 s unless given
	Log    *slog.Logger // slog.Default unless given; it is told when nothing can be sent
	Queue  int          // views that may wait; 10,000 unless given
	Every  time.Duration
	Now    func() time.Time
}

const (
	standardQueue = 10_000
	standardEvery = time.Second
	// maxBatch is how many views are sent at once: some 300 KB.
	maxBatch = 500
)

// complete fills in what was not said.
func (c Config) complete() (Config, error) {
	u, err := url.Parse(c.Endpoint)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return c, errors.New("middleware: Endpoint must be like https://analytics.example.com")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return c, errors.New("middleware: Endpoint must have no user, query or fragment")
	case c.Key == "":
		return c, errors.New("middleware: Key is missing; make one with `analytics keys create NAME --scope ingest`")
	case c.Queue < 0 || c.Every < 0:
		return c, fmt.Errorf("middleware: Queue and Every must not be negative")
	}
	c.Endpoint = strings.TrimSuffix(c.Endpoint, "/")
	if c.Client == nil {
		c.Client = &http.Client{Timeout: 10 * time.Second}
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Queue == 0 {
		c.Queue = standardQueue
	}
	if c.Every == 0 {
		c.Every = standardEvery
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c, nil
}
