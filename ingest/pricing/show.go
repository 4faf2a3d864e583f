package pricing

import (
	"cmp"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Entry is one entry of the book, as people read it.
type Entry struct {
	Key     string `json:"key"`
	Version string `json:"version"`
	// Source is set, custom, file, litellm or kept.
	Source string `json:"source"`
	Lines  []Line `json:"prices"`
}

// Line is the prices of an entry at one time, in one tier, for prompts above some length.
type Line struct {
	Tier string `json:"tier"`
	// Above is a number of input tokens, 0 for all prompts.
	Above int64 `json:"above,omitempty"`
	// From is the day the prices count from, Hours the hours of a day in UTC.
	From  string `json:"from,omitempty"`
	Hours string `json:"hours,omitempty"`
	Rates
}

// Rates are prices in USD: of tokens for a million, of web searches for a thousand, of a request.
// Null is no price.
type Rates struct {
	Input        json.Number `json:"input_per_1m,omitempty"`
	CacheRead    json.Number `json:"cache_read_per_1m,omitempty"`
	CacheWrite   json.Number `json:"cache_write_per_1m,omitempty"`
	CacheWrite1h json.Number `json:"cache_write_1h_per_1m,omitempty"`
	AudioInput   json.Number `json:"audio_input_per_1m,omitempty"`
	ImageInput   json.Number `json:"image_input_per_1m,omitempty"`
	Output       json.Number `json:"output_per_1m,omitempty"`
	Reasoning    json.Number `json:"reasoning_per_1m,omitempty"`
	AudioOutput  json.Number `json:"audio_output_per_1m,omitempty"`
	ImageOutput  json.Number `json:"image_output_per_1m,omitempty"`
	WebSearch    json.Number `json:"web_search_per_1k,omitempty"`
	PerRequest   json.Number `json:"per_request,omitempty"`
}

// Find is the entry a request for the model would be priced by.
func (b *Book) Find(provider, model string) (Entry, bool) {
	if p := b.find(provider, model); p != nil {
		return b.entryOf(p), true
	}
	return Entry{}, false
}

// Entries lists the entries whose key contains a text, and belongs to a provider unless that is
// empty: those that people wrote down first, then lists.
func (b *Book) Entries(provider, text string) []Entry {
	entries := []Entry{}
	provider, text = fold(provider), fold(text)
	want := b.kept.called(provider)
	add := func(p *price) {
		of := provider == "" || p.provider == provider || want != nil && p.provider == want.id ||
			p.provider == "" && strings.Contains(string(p.key), "/"+provider+"/")
		if of && strings.Contains(fold(string(p.key)), text) {
			entries = append(entries, b.entryOf(p))
		}
	}
	for _, l := range b.lists {
		start := len(entries)
		for _, p := range l.exact {
			add(p)
		}
		slices.SortFunc(entries[start:], func(x, y Entry) int { return cmp.Compare(x.Key, y.Key) })
	}
	for _, t := range b.tables {
		for _, p := range t.providers {
			for i := range p.models {
				add(p.models[i].price)
			}
		}
	}
	return entries
}

func (b *Book) entryOf(p *price) Entry {
	e := Entry{Key: string(p.key), Version: string(p.version), Source: "kept"}
	if source, _, _ := strings.Cut(e.Version, "/"); slices.Contains(
		[]string{"set", "custom", "file", "litellm"}, source) {
		e.Source = source
	}
	for i := range p.sheets {
		s := &p.sheets[i]
		l := Line{Tier: tierNames[standard]}
		if s.from != math.MinInt64 && s.from != 0 {
			l.From = s.from.Time().Format("2006-01-02")
		}
		if s.dayFrom != s.dayTo {
			l.Hours = clock(s.dayFrom) + "-" + clock(s.dayTo)
		}
		e.Lines = append(e.Lines, linesOf(l, s.levels, 1, 1, false)...)
	}
	for t := batch; t < other; t++ {
		if tp := &p.tiers[t]; tp.den != 0 {
			levels := tp.levels
			if levels == nil {
				levels = p.sheets[len(p.sheets)-1].levels
			}
			e.Lines = append(e.Lines,
				linesOf(Line{Tier: tierNames[t]}, levels, tp.num, tp.den, tp.whole)...)
		}
	}
	return e
}

func clock(second int64) string {
	return strconv.FormatInt(second/3600, 10) + ":" + strconv.FormatInt(second/60%60+100, 10)[1:]
}

func linesOf(like Line, levels []level, num, den uint64, whole bool) (lines []Line) {
	for i := range levels {
		l, pico := like, levels[i].pico
		l.Above = max(levels[i].over, 0)
		scaled := func(c component) json.Number {
			if whole && c == cacheRead {
				return usd(pico[c], 6)
			}
			return usd(pico[c]*int64(num)/int64(den), 6)
		}
		l.Rates = Rates{Input: scaled(input), CacheRead: scaled(cacheRead),
			CacheWrite: scaled(cacheWrite), CacheWrite1h: scaled(cacheWrite1h),
			AudioInput: scaled(audioInput), ImageInput: scaled(imageInput), Output: scaled(output),
			Reasoning: scaled(reasoning), AudioOutput: scaled(audioOutput),
			ImageOutput: scaled(imageOutput), WebSearch: usd(pico[webSearch], 9)}
		if pico[request] > 0 {
			l.PerRequest = usd(pico[request], 12)
		}
		lines = append(lines, l)
	}
	return lines
}

// usd is pico-USD with the point moved, exactly.
func usd(pico int64, digits int) json.Number {
	if pico < 0 {
		return ""
	}
	text := strconv.FormatInt(pico, 10)
	for len(text) <= digits {
		text = "0" + text
	}
	whole, part := text[:len(text)-digits], strings.TrimRight(text[len(text)-digits:], "0")
	if part != "" {
		whole += "." + part
	}
	return json.Number(whole)
}

// Closest is the key of the entry whose name is most like a model's, and empty if none is much
// like it. It is a hint for people: nothing is ever priced by it.
func (b *Book) Closest(model string) string {
	const enough = 0.6
	list := forms(fold(model))
	name := list[len(list)-1]
	best, key := enough, ""
	of := pairs(name)
	for _, t := range b.tables {
		for _, p := range t.providers {
			for i := range p.models {
				k := string(p.models[i].price.key)
				last := forms(fold(k))
				if like := alike(of, len(name), last[len(last)-1]); like > best {
					best, key = like, k
				}
			}
		}
	}
	return key
}

// pairs are the pairs of characters of a name.
func pairs(name string) map[string]bool {
	set := map[string]bool{}
	for i := 0; i+2 <= len(name); i++ {
		set[name[i:i+2]] = true
	}
	return set
}

// alike is how much of two names is the same, from 0 to 1.
func alike(of map[string]bool, n int, name string) float64 {
	same := 0
	for i := 0; i+2 <= len(name); i++ {
		if of[name[i:i+2]] {
			same++
		}
	}
	return 2 * float64(same) / float64(max(n+len(name)-2, 1))
}

// Compare says where a price list differs from the kept one in its standard prices: of the entries
// both know those with another price, and how many only the list knows.
func (b *Book) Compare(f *File) (differ []Difference, added int, err error) {
	other, err := newBook(b.kept, Source{File: f})
	if err != nil {
		return nil, 0, err
	}
	kept, err := newBook(b.kept, Source{})
	if err != nil {
		return nil, 0, err
	}
	compare := func(provider, name string) {
		was, now := kept.find(provider, name), other.find(provider, name)
		if now == nil {
			return
		}
		if was == nil {
			added++
			return
		}
		d := Difference{Key: string(now.key), Kept: string(was.key)}
		old, new := &was.sheets[len(was.sheets)-1].levels[0], &now.sheets[0].levels[0]
		for c, text := range componentNames {
			if c < tokens && old.pico[c] != new.pico[c] {
				d.Prices = append(d.Prices, Change{text, usd(old.pico[c], 6), usd(new.pico[c], 6)})
			}
		}
		slices.SortFunc(d.Prices, func(x, y Change) int { return cmp.Compare(x.Price, y.Price) })
		if d.Prices != nil {
			differ = append(differ, d)
		}
	}
	for _, m := range f.models {
		compare(m.provider, m.name)
	}
	if f.list != nil {
		for name := range f.list.exact {
			compare("", name)
		}
	}
	slices.SortFunc(differ, func(x, y Difference) int { return cmp.Compare(x.Key, y.Key) })
	return differ, added, nil
}

// Difference is an entry of a list whose prices are not the kept ones.
type Difference struct {
	Key    string   `json:"key"`
	Kept   string   `json:"kept_key"`
	Prices []Change `json:"prices"`
}

// Change is a price there and here, in USD per million.
type Change struct {
	Price string      `json:"price"`
	Kept  json.Number `json:"kept,omitempty"`
	List  json.Number `json:"list,omitempty"`
}

// componentNames are the prices that a comparison looks at: the others follow from them.
var componentNames = map[component]string{input: "input_per_1m", output: "output_per_1m",
	cacheRead: "cache_read_per_1m", cacheWrite: "cache_write_per_1m"}

// Matches reports whether a name fits a pattern, in which a star stands for any text.
func Matches(text, name string) bool {
	text, name = fold(text), fold(name)
	if !strings.Contains(text, "*") {
		return text == name
	}
	p := pattern{parts: strings.Split(text, "*")}
	return p.matches(name)
}
