package register

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/ingest/pricing"
)

// Config is the prices of the configuration, under analytics.costs.
type Config struct {
	CustomPricing map[string]pricing.Custom `yaml:"custom_pricing"`
	// PriceFile is a list in LiteLLM's format or ours, read at start and with each reload.
	PriceFile string `yaml:"price_file"`
}

// Validate says what is wrong with the prices, the file's included.
func (c Config) Validate() error {
	_, err := c.Book()
	return err
}

// Book is a book of the configured prices alone.
func (c Config) Book() (*pricing.Book, error) {
	f, err := pricing.ReadFile(c.PriceFile)
	if err != nil {
		return nil, err
	}
	kept, err := pricing.NewBook(nil)
	if err != nil {
		return nil, err
	}
	return kept.Using(pricing.Source{Custom: c.CustomPricing, File: f})
}

// House is what the register needs of the rest.
type House struct {
	Store *store.Store
	// Record takes in an event in the native format, for the audit trail.
	Record func(ctx context.Context, t store.Tenant, event []byte) error
	// Use takes over a book for what is taken in from now on.
	Use  func(*pricing.Book)
	Zone *time.Location // of dates
	Now  func() time.Time
	Log  *slog.Logger
}

// Register keeps the book.
type Register struct {
	house House
	shelf *store.Shelf

	mu     sync.Mutex
	book   *pricing.Book             // guarded by mu
	source pricing.Source            // guarded by mu
	set    map[string]pricing.Custom // guarded by mu

	repricing sync.Mutex // held while history is repriced
}

const (
	setPrefix = "set/"
	// runKey says that a repricing is under way, and which.
	runKey = "reprice"
	// maxSet is how many prices can be set; more belong into a file.
	maxSet = 1000
)

// Open reads the prices that were set and takes over the configured ones.
func Open(h House, cfg Config) (*Register, error) {
	r := &Register{house: h, shelf: h.Store.Shelf(store.Default, "prices"),
		set: map[string]pricing.Custom{}}
	err := r.shelf.Each(setPrefix, func(key string, value []byte) error {
		var c pricing.Custom
		if err := json.Unmarshal(value, &c); err != nil {
			return fmt.Errorf("price %s: %w", key, err)
		}
		r.set[strings.TrimPrefix(key, setPrefix)] = c
		return nil
	})
	if err != nil {
		return nil, err
	}
	if r.book, err = pricing.NewBook(nil); err != nil {
		return nil, err
	}
	if text, ok, err := r.shelf.Get(runKey); err == nil && ok {
		h.Log.Warn("a repricing was cut short; ask for the same again to finish it",
			slog.String("scope", string(text)))
	}
	return r, r.Use(cfg)
}

// Use takes over the configured prices. Nothing changes if one of them is bad.
func (r *Register) Use(cfg Config) error {
	f, err := pricing.ReadFile(cfg.PriceFile)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.use(pricing.Source{Set: r.set, Custom: cfg.CustomPricing, File: f})
}

// use puts another book in the place of the one in use; under mu.
func (r *Register) use(s pricing.Source) error {
	b, err := r.book.Using(s)
	if err != nil {
		return err
	}
	r.book, r.source = b, s
	r.house.Use(b)
	return nil
}

// Book is the book in use.
func (r *Register) Book() *pricing.Book {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.book
}

// Set keeps a price for a model or pattern, which counts at once and before all others.
func (r *Register) Set(ctx context.Context, model string, c pricing.Custom) error {
	model = strings.ToLower(strings.TrimSpace(model))
	if err := c.Check(model); err != nil {
		return err
	}
	value, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return r.change(ctx, store.Change{Key: setPrefix + model, Value: value},
		func(set map[string]pricing.Custom) error {
			if _, known := set[model]; !known && len(set) >= maxSet {
				return fault.New(fault.Conflict, "too_many_prices",
					"%d prices are set, which is the limit; put them into a price file", maxSet)
			}
			set[model] = c
			return nil
		})
}

// Unset removes a price that was set.
func (r *Register) Unset(ctx context.Context, model string) error {
	model = strings.ToLower(strings.TrimSpace(model))
	return r.change(ctx, store.Change{Key: setPrefix + model, Delete: true},
		func(set map[string]pricing.Custom) error {
			if _, known := set[model]; !known {
				return fault.At(fault.NotFound, "unknown_price", "model",
					"no price was set for %q; `analytics pricing show` lists prices with their source",
					model)
			}
			delete(set, model)
			return nil
		})
}

// change edits a copy of the set prices, keeps the change and takes it over.
func (r *Register) change(
	ctx context.Context, c store.Change, edit func(map[string]pricing.Custom) error,
) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	set := make(map[string]pricing.Custom, len(r.set)+1)
	for name, c := range r.set {
		set[name] = c
	}
	if err := edit(set); err != nil {
		return err
	}
	s := r.source
	s.Set = set
	if _, err := r.book.Using(s); err != nil {
		return err
	}
	if err := r.shelf.Apply(ctx, c); err != nil {
		return err
	}
	r.set = set
	return r.use(s)
}
