package alerts

import (
	"context"
	"encoding/json"
	"log/slog"

	"analytics/alerts/book"
	"analytics/alerts/lookout"
	"analytics/engine/budget"
	"analytics/engine/store"
	"analytics/query"
	"analytics/report/outbox"
)

// Config is the `alerts:` block. The `analytics.alerts:` block is Settings.
type Config struct {
	book.Config `yaml:",inline"`
	Anomalies   lookout.Config `yaml:"anomalies"`
}

// DefaultConfig is how it is set if nobody says anything.
func DefaultConfig() Config { return Config{Anomalies: lookout.DefaultConfig()} }

// Doors is what the room needs besides its settings.
type Doors struct {
	Desk   *query.Desk
	Outbox *outbox.Outbox
	Ledger *budget.Ledger // nil for none
	// Record takes in events of the house's own, such as who changed a rule; nil for nobody.
	Record func(context.Context, store.Tenant, []byte) error
	Log    *slog.Logger
}

// OpenRoom opens the room. Reload gives it its settings.
func OpenRoom(s *store.Store, d Doors) (*Watch, error) {
	w, err := New(s, d.Desk, d.Outbox, d.Log)
	if err != nil {
		return nil, err
	}
	w.record = d.Record
	w.Guard(d.Ledger)
	return w, nil
}

// Reload takes over the settings: at the start, and when they are read again.
func (w *Watch) Reload(spend Settings, cfg Config) error {
	rules, err := spend.Rules()
	if err != nil {
		return err
	}
	if err := w.book.Use(context.Background(), cfg.Config); err != nil {
		return err
	}
	w.lookout.Use(cfg.Anomalies)
	w.Use(rules)
	return nil
}

// audit writes down who changed what.
func (w *Watch) audit(ctx context.Context, action, by, target string, more map[string]any) error {
	if w.record == nil {
		return nil
	}
	e := map[string]any{"type": "activity", "category": "administration", "action": action,
		"target": target, "outcome": "success", "severity": "medium", "actor": by}
	if len(more) > 0 {
		e["properties"] = more
	}
	text, err := json.Marshal(e)
	if err != nil {
		return err
	}
	return w.record(ctx, store.Default, text)
}
