package middleware

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"time"
)

// Decision is how much a visitor is to be slowed down: by how much to multiply the rate that the
// application grants.
type Decision struct {
	Level      string   `json:"level"` // normal, warning, severe or blocked
	Multiplier float64  `json:"multiplier"`
	Allowed    bool     `json:"allowed"`
	RetryAfter int64    `json:"retry_after_seconds"`
	Reasons    []string `json:"reasons"`
}

// unknown is what counts until analytics has answered, and while it does not.
var unknown = Decision{Level: "normal", Multiplier: 1, Allowed: true}

const (
	// fresh is how long a decision counts before it is asked for again.
	fresh = 10 * time.Second
	// stale is how long it counts while nobody answers.
	stale = time.Minute
	// maxAdvice is how many decisions are kept, in each of two halves.
	maxAdvice = 5_000
	// maxAsking is how many visitors wait to be asked about.
	maxAsking = 256
)

// advice keeps decisions. Nobody waits for one: the first request of a visitor is let in, and asks.
type advice struct {
	cfg  Config
	asks chan visitor
	done chan struct{}

	mu         sync.Mutex // guards young and old
	young, old map[visitor]*decided
}

type visitor struct {
	ip    netip.Addr
	agent string
}

type decided struct {
	Decision
	at    time.Time // when it was answered; zero while it never was
	asked time.Time
}

func newAdvice(cfg Config) *advice {
	return &advice{cfg: cfg, asks: make(chan visitor, maxAsking), done: make(chan struct{}),
		young: map[visitor]*decided{}}
}

// of is what is known of a visitor. If that is nothing, or old, it is asked for in the background.
func (a *advice) of(ip netip.Addr, agent string) Decision {
	who, now := visitor{ip, cut(agent, maxText)}, a.cfg.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	d := a.find(who)
	if now.Sub(d.asked) >= fresh {
		select {
		case a.asks <- who:
			d.asked = now
		default: // the next request asks
		}
	}
	if now.Sub(d.at) > stale {
		return unknown
	}
	return d.Decision
}

// find is the entry of a visitor, made if there is none.
func (a *advice) find(who visitor) *decided {
	d := a.young[who]
	if d != nil {
		return d
	}
	if d = a.old[who]; d == nil {
		d = &decided{}
	}
	if len(a.young) >= maxAdvice {
		a.old, a.young = a.young, map[visitor]*decided{}
	}
	a.young[who] = d
	return d
}

// run asks until the watch is closed.
func (a *advice) run(ctx context.Context, stop <-chan struct{}) {
	defer close(a.done)
	quiet := false
	for {
		select {
		case <-stop:
			return
		case who := <-a.asks:
			d, err := a.ask(ctx, who)
			if err != nil {
				if !quiet && ctx.Err() == nil {
					a.cfg.Log.Warn("analytics does not say whom to slow down; nobody is", "error", err)
				}
				quiet = true
				continue
			}
			quiet = false
			a.mu.Lock()
			entry := a.find(who)
			entry.Decision, entry.at = d, a.cfg.Now()
			a.mu.Unlock()
		}
	}
}

// ask asks analytics once.
func (a *advice) ask(ctx context.Context, who visitor) (d Decision, err error) {
	q := url.Values{"ip": {who.ip.String()}, "user_agent": {who.agent}}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet,
		a.cfg.Endpoint+"/v1/throttle/decision?"+q.Encode(), nil)
	if err != nil {
		return d, err
	}
	r.Header.Set("Authorization", "Bearer "+a.cfg.Key)
	answer, err := a.cfg.Client.Do(r)
	if err != nil {
		if u, ok := err.(*url.Error); ok {
			err = u.Err // without the address that was asked about
		}
		return d, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return d, fmt.Errorf("analytics answered %s; the key needs the scope query", answer.Status)
	}
	return d, json.NewDecoder(io.LimitReader(answer.Body, 64<<10)).Decode(&d)
}
