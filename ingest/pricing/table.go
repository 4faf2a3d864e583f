package pricing

import (
	"bytes"
	"compress/gzip"
	_ "embed" // prices.json.gz
	"encoding/json"
	"fmt"
	"strings"
)

//go:embed prices.json.gz
var embedded []byte

// table is the kept prices, ready for looking up.
type table struct {
	version, date string
	providers     []*provider
	byID          map[string]*provider
	dates         dates
}

// provider is who is paid for a request.
type provider struct {
	id       string
	family   *matcher // names that are this provider's models wherever they appear
	called   *matcher // names by which the provider is called
	fallback []string // ids of providers whose models it sells at their prices
	models   []model
	exact    map[string]int // where a name that is matched by equality is in models
	patterns []int          // models with other patterns
}

// model is one entry of a provider's list; the first that matches counts.
type model struct {
	match matcher
	price *price
}

type wireTable struct {
	Version   string         `json:"version"`
	Date      string         `json:"date"`
	Providers []wireProvider `json:"providers"`
}

type wireProvider struct {
	ID       string      `json:"id"`
	Family   *matcher    `json:"family"`
	Called   *matcher    `json:"called"`
	Fallback []string    `json:"fallback"`
	Models   []wireModel `json:"models"`
}

type wireModel struct {
	ID    string      `json:"id"`
	Match matcher     `json:"match"`
	Rates []wireRates `json:"rates"`
	Free  bool        `json:"free"`
}

// load reads a table as gen/extract.mjs writes it.
func load(zipped []byte) (*table, error) {
	r, err := gzip.NewReader(bytes.NewReader(zipped))
	if err != nil {
		return nil, fmt.Errorf("price table: %w", err)
	}
	var wire wireTable
	if err := json.NewDecoder(r).Decode(&wire); err != nil {
		return nil, fmt.Errorf("price table: %w", err)
	}
	t := &table{version: wire.Version, date: wire.Date, dates: newDates(),
		byID: make(map[string]*provider, len(wire.Providers))}
	for i := range wire.Providers {
		p, err := wire.Providers[i].provider([]byte(wire.Version))
		if err != nil {
			return nil, fmt.Errorf("price table: %s: %w", wire.Providers[i].ID, err)
		}
		t.providers = append(t.providers, p)
		t.byID[p.id] = p
	}
	return t, nil
}

func (w *wireProvider) provider(version []byte) (*provider, error) {
	p := &provider{id: w.ID, family: w.Family, called: w.Called, fallback: w.Fallback,
		models: make([]model, len(w.Models)), exact: make(map[string]int, len(w.Models))}
	for i := range w.Models {
		wm := &w.Models[i]
		pr := &price{key: []byte(w.ID + "/" + wm.ID), version: version, provider: w.ID}
		for j := range wm.Rates {
			s, err := wm.Rates[j].sheet(strings.ToLower(wm.ID), wm.Free)
			if err != nil {
				return nil, err
			}
			pr.sheets = append(pr.sheets, s)
		}
		if len(pr.sheets) == 0 {
			return nil, fmt.Errorf("model %s has no prices", wm.ID)
		}
		pr.keptTiers(w.ID, wm.ID)
		p.models[i] = model{match: wm.Match, price: pr}
		only := wm.Match.exact(func(name string) {
			if _, taken := p.exact[name]; !taken {
				p.exact[name] = i
			}
		})
		if !only {
			p.patterns = append(p.patterns, i)
		}
	}
	return p, nil
}

// lookup finds a folded name in the provider's own list.
func (p *provider) lookup(name string) *price {
	best, found := p.exact[name]
	for _, i := range p.patterns {
		if found && i > best {
			break
		}
		if p.models[i].match.matches(name) {
			return p.models[i].price
		}
	}
	if found {
		return p.models[best].price
	}
	return nil
}
