package pricing

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"analytics/engine/event"
)

// A component is one thing a request is charged for.
type component int

// The components: the token buckets of an event, its web searches, and the request itself.
const (
	input component = iota
	cacheRead
	cacheWrite
	cacheWrite1h
	audioInput
	imageInput
	output
	reasoning
	audioOutput
	imageOutput
	webSearch
	request

	tokens     = webSearch // those before are tokens, which tiers change the price of
	buckets    = request   // those before are counted in an event
	components = request + 1
)

// unknown marks a component that has no price.
const unknown = -1

// level is the prices of all components, in pico-USD, for requests with more than `over` input
// tokens (and no higher level).
type level struct {
	over int64
	pico [components]int64
}

// sheet is the prices in force at some times; levels ascend by `over`, and the first is for all.
type sheet struct {
	from           event.Micros // the first moment
	dayFrom, dayTo int64        // seconds of the UTC day, equal if all day; may span midnight
	levels         []level
}

// price is one entry of a table.
type price struct {
	key, version []byte
	provider     string  // the table's id of who is paid; empty for configured prices
	sheets       []sheet // the last that is in force counts; the first is the default
	tiers        [tierEnd]tierPrice
	keys         [keyForms]atomic.Pointer[[]byte] // price keys made so far, see charge.form
}

// at is the sheet in force.
func (p *price) at(t event.Micros) *sheet {
	for i := len(p.sheets) - 1; i > 0; i-- {
		if p.sheets[i].covers(t) {
			return &p.sheets[i]
		}
	}
	return &p.sheets[0]
}

func (s *sheet) covers(t event.Micros) bool {
	if s.dayFrom == s.dayTo {
		return t >= s.from
	}
	second := t.Time().Unix() % 86400
	if s.dayTo < s.dayFrom {
		return second >= s.dayFrom || second < s.dayTo
	}
	return second >= s.dayFrom && second < s.dayTo
}

// levelOf is the prices for a request with so many input tokens.
func levelOf(levels []level, prompt int64) *level {
	i := len(levels) - 1
	for i > 0 && prompt <= levels[i].over {
		i--
	}
	return &levels[i]
}

// wireRates is a sheet in the embedded file: prices by the names gen/extract.mjs gives them.
type wireRates struct {
	From    string    `json:"from"`
	Between []int64   `json:"between"`
	In      wirePrice `json:"in"`
	CR      wirePrice `json:"cr"`
	CW      wirePrice `json:"cw"`
	CH      wirePrice `json:"ch"`
	AI      wirePrice `json:"ai"`
	II      wirePrice `json:"ii"`
	Out     wirePrice `json:"out"`
	Re      wirePrice `json:"re"`
	AO      wirePrice `json:"ao"`
	IO      wirePrice `json:"io"`
	WS      wirePrice `json:"ws"`
	Rq      wirePrice `json:"rq"`
}

// wirePrice is pico-USD as a number, or [number, [more than so many input tokens, number]...].
type wirePrice []level

// UnmarshalJSON reads both forms; only `over` and the first component of the levels are used.
func (p *wirePrice) UnmarshalJSON(b []byte) error {
	if b[0] != '[' {
		*p = wirePrice{{over: unknown}}
		return json.Unmarshal(b, &(*p)[0].pico[0])
	}
	var parts []json.RawMessage
	if err := json.Unmarshal(b, &parts); err != nil {
		return err
	}
	for i, part := range parts {
		l, tier := level{over: unknown}, [2]int64{}
		if i == 0 {
			if err := json.Unmarshal(part, &l.pico[0]); err != nil {
				return err
			}
		} else if err := json.Unmarshal(part, &tier); err != nil {
			return err
		} else {
			l.over, l.pico[0] = tier[0], tier[1]
		}
		*p = append(*p, l)
	}
	return nil
}

// above is the price for requests with just over so many input tokens.
func (p wirePrice) above(tokens int64) int64 {
	pico := int64(unknown)
	for _, l := range p {
		if l.over <= tokens {
			pico = l.pico[0]
		}
	}
	return pico
}

// sheet resolves the prices of a model at every level, with the fallbacks of doc.go.
func (w *wireRates) sheet(id string, free bool) (sheet, error) {
	s := sheet{from: math.MinInt64}
	if w.From != "" {
		day, err := time.Parse(time.DateOnly, w.From)
		if err != nil {
			return s, err
		}
		s.from = event.MicrosOf(day)
	}
	if len(w.Between) == 2 {
		s.dayFrom, s.dayTo = w.Between[0], w.Between[1]
	} else if w.Between != nil {
		return s, fmt.Errorf("model %s: a time of day needs two ends", id)
	}
	if free {
		s.levels = []level{{over: unknown}} // every price is 0
		return s, nil
	}
	own := [components]wirePrice{input: w.In, cacheRead: w.CR, cacheWrite: w.CW,
		cacheWrite1h: w.CH, audioInput: w.AI, imageInput: w.II, output: w.Out, reasoning: w.Re,
		audioOutput: w.AO, imageOutput: w.IO, webSearch: w.WS, request: w.Rq}
	edges := []int64{unknown}
	for _, prices := range own {
		for _, l := range prices {
			edges = append(edges, l.over)
		}
	}
	slices.Sort(edges)
	for _, edge := range slices.Compact(edges) {
		l := level{over: edge}
		for c := range own {
			l.pico[c] = own[c].above(edge)
		}
		l.fill(id)
		s.levels = append(s.levels, l)
	}
	return s, nil
}

// fill gives the components without a price the one doc.go says they are charged at.
func (l *level) fill(id string) {
	p := &l.pico
	if p[cacheWrite1h] == unknown && p[cacheWrite] != unknown && strings.Contains(id, "claude") {
		p[cacheWrite1h] = 2 * p[input]
	}
	l.fallTo(cacheRead, input)
	l.fallTo(cacheWrite, input)
	l.fallTo(cacheWrite1h, cacheWrite)
	l.fallTo(reasoning, output)
	l.fallTo(imageInput, input)
	if !drawn(id) {
		l.fallTo(imageOutput, output)
	}
	if !spoken(id) {
		l.fallTo(audioInput, input)
		l.fallTo(audioOutput, output)
	}
	p[request] = max(p[request], 0)
}

func (l *level) fallTo(c, other component) {
	if l.pico[c] == unknown {
		l.pico[c] = l.pico[other]
	}
}

// spoken reports whether a model is named for audio.
func spoken(id string) bool {
	for _, word := range []string{"audio", "realtime", "voice", "sonic"} {
		if strings.Contains(id, word) {
			return true
		}
	}
	return false
}

// drawn reports whether a model is named for images and its output price may be that of text. All
// that the gpt-image models put out is images.
func drawn(id string) bool {
	return strings.Contains(id, "image") && !strings.Contains(id, "gpt-image")
}
