package pricing

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"

	"analytics/engine/fault"
)

// OwnFormat is the value of "format" in a price list of our own:
//
//	{"format": "analytics-prices/1",
//	 "prices": {
//	   "my-model":         {"input_per_1m": 1.5, "output_per_1m": 6},
//	   "azure/gpt-*":      {"input_per_1m": 2, "output_per_1m": 8, "cache_read_per_1m": 0.5,
//	                        "tiers": {"batch": {"input_per_1m": 1, "output_per_1m": 4}},
//	                        "above": {"200000": {"input_per_1m": 4, "output_per_1m": 12}}}}}
//
// Prices are those of analytics.costs.custom_pricing; tiers are batch, flex, priority and fast; a
// prompt of more tokens than a number in above is charged wholly as said there. Any other JSON
// object is read as LiteLLM's model_prices_and_context_window.json.
const OwnFormat = "analytics-prices/1"

const (
	// maxFile is the longest list read: LiteLLM's has 2 MB.
	maxFile = 32 << 20
	// maxProblems is how many bad entries an error names.
	maxProblems = 20
)

// File is a price list that was read from a file.
type File struct {
	Format  string // analytics-prices/1 or litellm
	Version string // its name and content, as price_version has it
	Prices  int
	// Other is how many entries have no price of tokens: images, hours of audio, rerankers.
	Other int

	list   *list
	models []listed
}

// ReadFile reads the price list at a path; an empty path is none.
func ReadFile(path string) (*File, error) {
	if path == "" {
		return nil, nil
	}
	at := "analytics.costs.price_file"
	f, err := os.Open(path)
	if err != nil {
		return nil, fault.At(fault.Invalid, "invalid_price_file", at, "cannot open the price file").Wrap(err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fault.At(fault.Invalid, "invalid_price_file", at, "cannot read the price file").Wrap(err)
	}
	return ParseFile(text)
}

// ParseFile reads a price list. The error names every entry that cannot be one; a list is taken as
// a whole or not at all, because half of one would price the other half by another.
func ParseFile(text []byte) (*File, error) {
	if len(text) > maxFile {
		return nil, fault.New(fault.TooLarge, "invalid_price_file",
			"a price file has at most %d MB", maxFile>>20)
	}
	var head struct {
		Format *string                    `json:"format"`
		Prices map[string]json.RawMessage `json:"prices"`
	}
	if err := json.Unmarshal(text, &head); err == nil && head.Format != nil {
		if *head.Format != OwnFormat {
			return nil, fault.New(fault.Invalid, "invalid_price_file",
				"the price file has format %q; the one that is known is %s", *head.Format, OwnFormat)
		}
		return parseOwn(head.Prices, contentVersion("file", text))
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, fault.New(fault.Invalid, "invalid_price_file",
			"the price file is not an object in JSON").Wrap(err)
	}
	return parseLiteLLM(all, contentVersion("litellm", text))
}

// ownEntry is an entry of our own format.
type ownEntry struct {
	Custom
	Tiers map[string]Custom `json:"tiers"`
	Above map[string]Custom `json:"above"`
}

func parseOwn(entries map[string]json.RawMessage, version []byte) (*File, error) {
	f := &File{Format: OwnFormat, Version: string(version), list: &list{}}
	var bad problems
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		var e ownEntry
		d := json.NewDecoder(bytes.NewReader(entries[name]))
		d.DisallowUnknownFields()
		if err := d.Decode(&e); err != nil {
			bad.add(name, err)
			continue
		}
		p, err := e.price(fold(name), version)
		if err == nil && (fold(name) == "" || !f.list.add(fold(name), p)) {
			err = errors.New("is named twice, or not at all")
		}
		bad.add(name, err)
		f.Prices++
	}
	return f, bad.err()
}

// price makes the entry with its tiers and long prompts.
func (e *ownEntry) price(name string, version []byte) (*price, error) {
	p, err := e.Custom.price("file", name, version)
	if err != nil {
		return nil, err
	}
	s := &p.sheets[0]
	for text, c := range e.Above {
		over, err := strconv.ParseInt(text, 10, 64)
		if err != nil || over <= 0 {
			return nil, fmt.Errorf("above %q is not a number of tokens", text)
		}
		l, err := c.level(name)
		if err != nil {
			return nil, fmt.Errorf("above %s: %w", text, err)
		}
		l.over = over
		if l.pico[webSearch] == unknown {
			l.pico[webSearch] = s.levels[0].pico[webSearch]
		}
		s.levels = append(s.levels, l)
	}
	slices.SortFunc(s.levels, func(a, b level) int { return cmp.Compare(a.over, b.over) })
	for word, c := range e.Tiers {
		t, known := tierWords[word]
		if !known || t == standard {
			return nil, fmt.Errorf("%q is not a tier: batch, flex, priority or fast", word)
		}
		l, err := c.level(name)
		if err != nil {
			return nil, fmt.Errorf("tier %s: %w", word, err)
		}
		p.tiers[t] = p.tierLevels(name, []level{l})
	}
	return p, nil
}

// problems collects what is wrong with entries.
type problems struct {
	list []error
	more int
}

func (p *problems) add(name string, err error) {
	switch {
	case err == nil:
	case len(p.list) < maxProblems:
		p.list = append(p.list, fault.At(fault.Invalid, "invalid_price_file",
			"analytics.costs.price_file", "entry %q of the price file: %s", name, err))
	default:
		p.more++
	}
}

func (p *problems) err() error {
	if p.more > 0 {
		p.list = append(p.list, fmt.Errorf("and %d entries more", p.more))
	}
	return errors.Join(p.list...)
}
