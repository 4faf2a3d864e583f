package book

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"analytics/alerts/rules"
	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/engine/versioned"
	"analytics/query/catalog"
)

// Config is what stands in the configuration.
type Config struct {
	Rules       []rules.Rule        `yaml:"rules"`
	Maintenance []rules.Maintenance `yaml:"maintenance"`
}

// Validate says everything that is wrong with it.
func (c Config) Validate() error {
	_, _, err := c.read(time.UTC)
	return err
}

// read makes rules and windows ready.
func (c Config) read(zone *time.Location) (list []rules.Rule, windows []rules.Maintenance, err error) {
	var all []error
	names := catalog.New()
	for i, r := range c.Rules {
		r.By, r.Source = slices.Clone(r.By), FromConfig
		err := r.Complete(names)
		if err == nil && slices.ContainsFunc(list, func(o rules.Rule) bool { return o.Name == r.Name }) {
			err = fmt.Errorf("there are two rules of the name %s", r.Name)
		}
		if err != nil {
			all = append(all, fmt.Errorf("rules[%d]: %w", i, err))
			continue
		}
		list = append(list, r)
	}
	for i, m := range c.Maintenance {
		if err := m.Complete(zone); err != nil {
			all = append(all, fmt.Errorf("maintenance[%d]: %w", i, err))
			continue
		}
		windows = append(windows, m)
	}
	if len(list) > rules.MaxRules {
		all = append(all, fmt.Errorf("rules: there are more than %d", rules.MaxRules))
	}
	return list, windows, errors.Join(all...)
}

// The sources of rules.
const (
	FromConfig = "config"
	fromSet    = "set"
)

// shelf is where rules and silences are kept.
type shelf interface {
	Apply(ctx context.Context, changes ...store.Change) error
	Each(prefix string, f func(key string, value []byte) error) error
}

// The keys of the shelf; the values are JSON.
const (
	rulePrefix    = "rule/"    // as it was set
	versionPrefix = "version/" // of a rule of the configuration, as it was when its version was given
	silencePrefix = "silence/"
)

// rowFormat is the format of the values. Those of format 0 are from before it was written, and read the same.
const rowFormat = 1

// House is what the book needs.
type House struct {
	Shelf shelf
	Zone  *time.Location // of maintenance windows that name none
	Now   func() time.Time
	// Audit writes down who changed what.
	Audit func(ctx context.Context, action, by, target string, more map[string]any) error
}

// Book is the rules, silences and windows of now. It is safe for concurrent use.
type Book struct {
	house   House
	catalog *catalog.Catalog

	changing sync.Mutex // one change at a time; taken before mu

	mu       sync.Mutex            // guards what follows
	set      map[string]rules.Rule // by name; a rule is replaced, never changed
	config   map[string]rules.Rule
	versions map[string]rules.Rule // of rules of the configuration, also of former ones
	silences map[string]rules.Silence
	windows  []rules.Maintenance
}

// Open reads the shelf.
func Open(h House) (*Book, error) {
	b := &Book{
		house: h, catalog: catalog.New(), set: map[string]rules.Rule{}, config: map[string]rules.Rule{},
		versions: map[string]rules.Rule{}, silences: map[string]rules.Silence{},
	}
	err := errors.Join(
		load(h.Shelf, "rule", rulePrefix, func(name string, r rules.Rule) error {
			// One that is not valid any more, such as of a metric that has another name now, is kept
			// and not used: it must not keep the program from starting.
			if err := r.Complete(b.catalog); err != nil {
				off := false
				r.Enabled = &off
			}
			b.set[name] = r
			return nil
		}),
		load(h.Shelf, "rule", versionPrefix, func(name string, r rules.Rule) error {
			b.versions[name] = r
			return nil
		}),
		load(h.Shelf, "silence", silencePrefix, func(id string, s rules.Silence) error {
			b.silences[id] = s
			return nil
		}))
	if err != nil {
		return nil, err
	}
	return b, nil
}

// load reads all values under a prefix.
func load[T any](s shelf, what, prefix string, take func(name string, v T) error) error {
	return s.Each(prefix, func(key string, value []byte) error {
		var v T
		err := versioned.Unmarshal(what, rowFormat, value, &v)
		if err == nil {
			err = take(key[len(prefix):], v)
		}
		if fault.Of(err).Kind == fault.Newer {
			return err
		}
		if err != nil {
			return fault.New(fault.Damaged, "store_damaged", "%.120q of alerts cannot be read", key).Wrap(err)
		}
		return nil
	})
}

// put is the change that keeps a value.
func put(key string, v any) (store.Change, error) {
	value, err := versioned.Marshal(rowFormat, v)
	return store.Change{Key: key, Value: value}, err
}

// Use takes over the configuration. A rule that says something else than before has a new version.
func (b *Book) Use(ctx context.Context, cfg Config) error {
	list, windows, err := cfg.read(b.house.Zone)
	if err != nil {
		return err
	}
	b.changing.Lock()
	defer b.changing.Unlock()
	b.mu.Lock()
	versions := maps.Clone(b.versions)
	b.mu.Unlock()
	var changes []store.Change
	config := map[string]rules.Rule{}
	for _, r := range list {
		old, known := versions[r.Name]
		r.Version, r.Changed = old.Version, old.Changed
		if !known || !old.Equal(&r) {
			r.Version, r.Changed = old.Version+1, b.house.Now().UTC()
			c, err := put(versionPrefix+r.Name, r)
			if err != nil {
				return err
			}
			changes = append(changes, c)
			versions[r.Name] = r
		}
		config[r.Name] = r
	}
	if err := b.house.Shelf.Apply(ctx, changes...); err != nil {
		return err
	}
	b.mu.Lock()
	b.config, b.windows, b.versions = config, windows, versions
	b.mu.Unlock()
	return nil
}

// Rules are all rules by name. One of the configuration stands before a set one of the same name.
func (b *Book) Rules() []rules.Rule {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := slices.Collect(maps.Values(b.config))
	for name, r := range b.set {
		if _, hidden := b.config[name]; !hidden {
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(x, y rules.Rule) int { return cmp.Compare(x.Name, y.Name) })
	return all
}

// Rule is one rule.
func (b *Book) Rule(name string) (rules.Rule, error) {
	for _, r := range b.Rules() {
		if r.Name == name {
			return r, nil
		}
	}
	var names []string
	for _, r := range b.Rules() {
		names = append(names, r.Name)
	}
	hint := "`analytics alerts rules list` shows them"
	if near := catalog.Nearest(name, names); len(near) > 0 {
		hint = "did you mean " + catalog.Choices(near) + "?"
	}
	return rules.Rule{}, fault.At(fault.NotFound, "unknown_rule", "name", "there is no rule %.80q; %s", name, hint)
}

// Ready fills in what a rule leaves out, and says what is wrong with it.
func (b *Book) Ready(r *rules.Rule) error { return r.Complete(b.catalog) }

// Set keeps a rule, new or changed.
func (b *Book) Set(ctx context.Context, r rules.Rule, by string) (rules.Rule, error) {
	if err := b.Ready(&r); err != nil {
		return r, err
	}
	b.changing.Lock()
	defer b.changing.Unlock()
	b.mu.Lock()
	old, known := b.set[r.Name]
	_, configured := b.config[r.Name]
	full := len(b.set)+len(b.config) >= rules.MaxRules
	b.mu.Unlock()
	switch {
	case configured:
		return r, inConfig(r.Name)
	case full && !known:
		return r, fault.New(fault.Limited, "too_many_rules", "there are %d rules already, the most; use one "+
			"with by, or delete some", rules.MaxRules)
	case known && old.Equal(&r):
		return old, nil
	}
	r.Source, r.Version, r.Changed, r.Who = fromSet, old.Version+1, b.house.Now().UTC(), by
	c, err := put(rulePrefix+r.Name, r)
	if err != nil {
		return r, err
	}
	if err := b.house.Shelf.Apply(ctx, c); err != nil {
		return r, err
	}
	b.mu.Lock()
	b.set[r.Name] = r
	b.mu.Unlock()
	return r, b.house.Audit(ctx, "alert_rule_set", by, r.Name, map[string]any{
		"version": r.Version, "metric": r.Metric, "says": r.Says(), "enabled": r.On()})
}

func inConfig(name string) error {
	return fault.At(fault.Conflict, "configured_rule", "name",
		"the rule %s stands in the configuration; change it there", name)
}

// Delete forgets a rule.
func (b *Book) Delete(ctx context.Context, name, by string) error {
	b.changing.Lock()
	defer b.changing.Unlock()
	r, err := b.Rule(name)
	if err != nil {
		return err
	}
	if r.Source == FromConfig {
		return inConfig(name)
	}
	if err := b.house.Shelf.Apply(ctx, store.Change{Key: rulePrefix + name, Delete: true}); err != nil {
		return err
	}
	b.mu.Lock()
	delete(b.set, name)
	b.mu.Unlock()
	return b.house.Audit(ctx, "alert_rule_delete", by, name, map[string]any{"version": r.Version})
}
