package enrich

import (
	"bytes"
	"cmp"
	"strings"
	"sync"
	"sync/atomic"

	"analytics/engine/event"
)

// Rule says that whoever is like this is a machine. Of what is set all must fit.
type Rule struct {
	Agent       string // a pattern, see Like
	Fingerprint string
	Site        string
	Class, Name string // KnownBot or Scanner, and what to call it where no list has a name
	Since       event.Micros
}

// Rules are those that a person set, for what is taken in from now on. The zero value has none. It
// is safe for concurrent use.
type Rules struct{ book atomic.Pointer[ruleBook] }

// ruleBook is rules with what they were found to be about. It is replaced as a whole.
type ruleBook struct {
	rules  []Rule
	prints [][]byte      // of the rules, as events have fingerprints; nil for none
	agents *cache[[]int] // the rules that a user agent fits

	mu sync.Mutex // guards visitors
	// visitors had a page view with the fingerprint of a rule: other kinds of events have none.
	visitors map[visitorRule]struct{}
}

type visitorRule struct {
	rule    int
	visitor string
}

// maxRuled bounds the visitors that are remembered. What a forgotten one sends besides page views has
// its verdict within the hour, when history is looked through.
const maxRuled = 50_000

// Use takes over the rules: an event that Give sees after this has their verdict.
func (r *Rules) Use(rules []Rule) {
	if len(rules) == 0 {
		r.book.Store(nil)
		return
	}
	b := &ruleBook{rules: rules, agents: newCache[[]int](agentsKept),
		visitors: map[visitorRule]struct{}{}}
	for _, rule := range rules {
		var compact []byte
		if rule.Fingerprint != "" {
			compact = event.AppendID(nil, []byte(rule.Fingerprint))
		}
		b.prints = append(b.prints, compact)
	}
	r.book.Store(b)
}

// Give gives an event that was enriched the verdict of the first rule that is about it. Without rules
// it costs a nanosecond, with rules one look into a cache.
func (r *Rules) Give(e *event.Event) {
	b := r.book.Load()
	if b == nil {
		return
	}
	f := slotsOf(e.Kind)
	if f == nil {
		return
	}
	for _, i := range b.agents.get(e.Text(f.agent), b.about) {
		if b.fits(i, e, f) {
			rule := &b.rules[i]
			f.write(e, Obeyed(f.verdict(e), rule.Class, rule.Name), func(s string) []byte { return []byte(s) })
			return
		}
	}
}

// Obeyed is the verdict by a rule on an event that lists gave another.
func Obeyed(lists Verdict, class, name string) Verdict {
	return Verdict{Class: class, Name: cmp.Or(lists.Name, name), Purpose: cmp.Or(lists.Purpose, ForOther),
		Score: points[Flagged], Reasons: Flagged}
}

// about is the rules that a user agent fits.
func (b *ruleBook) about(agent string) (fit []int) {
	for i, r := range b.rules {
		if r.Agent == "" || Like(r.Agent, []byte(agent)) {
			fit = append(fit, i)
		}
	}
	return fit
}

// fits reports whether a rule is about an event, of which the user agent was looked at before.
func (b *ruleBook) fits(i int, e *event.Event, f *slots) bool {
	r := &b.rules[i]
	if e.Time() < r.Since || r.Site != "" && !strings.EqualFold(r.Site, string(e.Text(f.site))) {
		return false
	}
	if r.Fingerprint == "" {
		return e.Has(f.agent)
	}
	who := visitorRule{i, string(e.Text(f.visitor))}
	b.mu.Lock()
	defer b.mu.Unlock()
	if e.Kind != event.PageView {
		_, known := b.visitors[who]
		return known
	}
	if !bytes.Equal(e.Text(event.PageFingerprint), b.prints[i]) {
		return false
	}
	if len(b.visitors) >= maxRuled {
		clear(b.visitors)
	}
	if who.visitor != "" {
		b.visitors[who] = struct{}{}
	}
	return true
}

// Like reports whether text fits a pattern of SQL's LIKE: % stands for any text, _ for one character,
// and upper and lower case are the same. It takes time that grows with the length of the text by that
// of the pattern at worst.
func Like(pattern string, text []byte) bool {
	p, t := []rune(strings.ToLower(pattern)), []rune(strings.ToLower(string(text)))
	at, from, star, mark := 0, 0, -1, 0
	for from < len(t) {
		switch {
		case at < len(p) && p[at] == '%':
			star, mark = at, from
			at++
		case at < len(p) && (p[at] == '_' || p[at] == t[from]):
			at++
			from++
		case star >= 0:
			mark++
			at, from = star+1, mark
		default:
			return false
		}
	}
	for at < len(p) && p[at] == '%' {
		at++
	}
	return at == len(p)
}
