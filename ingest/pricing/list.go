package pricing

import (
	"cmp"
	"slices"
	"strings"
)

// list is prices by the names somebody wrote down: set by hand, configured, or in a file of ours.
type list struct {
	exact    map[string]*price
	patterns []pattern // those that say most first
}

// pattern is a name with stars, each of which stands for any text.
type pattern struct {
	parts []string
	price *price
}

// add puts an entry in under a folded name; not ok if the name is taken.
func (l *list) add(name string, p *price) bool {
	if _, taken := l.exact[name]; taken {
		return false
	}
	if l.exact == nil {
		l.exact = map[string]*price{}
	}
	l.exact[name] = p
	if strings.Contains(name, "*") {
		l.patterns = append(l.patterns, pattern{strings.Split(name, "*"), p})
		slices.SortFunc(l.patterns, func(a, b pattern) int {
			return cmp.Or(cmp.Compare(b.said(), a.said()), cmp.Compare(string(a.price.key), string(b.price.key)))
		})
	}
	return true
}

// said is how many characters of a name the pattern gives.
func (p *pattern) said() (n int) {
	for _, part := range p.parts {
		n += len(part)
	}
	return n
}

func (p *pattern) matches(name string) bool {
	last := len(p.parts) - 1
	rest, ok := strings.CutPrefix(name, p.parts[0])
	for _, part := range p.parts[1:last] {
		var found bool
		if _, rest, found = strings.Cut(rest, part); !found {
			return false
		}
	}
	return ok && strings.HasSuffix(rest, p.parts[last])
}

// find looks names up as `provider/model` and as they are; then patterns, in their own order.
func (l *list) find(provider string, names []string) *price {
	for _, name := range names {
		if p := l.exact[provider+"/"+name]; p != nil {
			return p
		}
		if p := l.exact[name]; p != nil {
			return p
		}
	}
	for i := range l.patterns {
		for _, name := range names {
			if l.patterns[i].matches(provider+"/"+name) || l.patterns[i].matches(name) {
				return l.patterns[i].price
			}
		}
	}
	return nil
}
