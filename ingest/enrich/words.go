package enrich

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode/utf8"
)

// wordList finds words that bots use for themselves, in a user agent in lower case. Most patterns
// are plain text, at the beginning or anywhere; the others are tried only where a cheap look does not
// rule them out, since an expression takes up to 10 µs to say no.
type wordList struct {
	anywhere finder
	short    []string // of less than three bytes
	begin    []string
	patterns []pattern
}

// pattern is an expression, and what all that it matches has.
type pattern struct {
	needs       []string // plain texts
	first, last *set     // what it begins and ends with; nil where that may be anything
	*regexp.Regexp
}

// set is some of the characters of ASCII.
type set [128]bool

func (s *set) has(c byte) bool { return s == nil || c < 128 && s[c] }

func (w *wordList) load(text string) error {
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		p, err := syntax.Parse(line, syntax.Perl)
		if err != nil {
			return fmt.Errorf("%s: %w", line, err)
		}
		sub := p.Sub
		switch {
		case p.Op == syntax.OpLiteral && len(string(p.Rune)) < 3:
			w.short = append(w.short, string(p.Rune))
		case p.Op == syntax.OpLiteral:
			w.anywhere.add(string(p.Rune))
		case p.Op == syntax.OpConcat && len(sub) == 2 && sub[0].Op == syntax.OpBeginText &&
			sub[1].Op == syntax.OpLiteral:
			w.begin = append(w.begin, string(sub[1].Rune))
		default:
			w.patterns = append(w.patterns, patternOf(p, line))
		}
	}
	return nil
}

func patternOf(p *syntax.Regexp, text string) pattern {
	out := pattern{Regexp: regexp.MustCompile(text)}
	if p.Op != syntax.OpConcat {
		return out
	}
	for _, sub := range p.Sub {
		if sub.Op == syntax.OpLiteral && sub.Flags&syntax.FoldCase == 0 {
			out.needs = append(out.needs, string(sub.Rune))
		}
	}
	if n := len(p.Sub); n >= 2 {
		if p.Sub[0].Op == syntax.OpBeginText {
			out.first = edge(p.Sub[1], true)
		}
		if p.Sub[n-1].Op == syntax.OpEndText {
			out.last = edge(p.Sub[n-2], false)
		}
	}
	return out
}

// edge is what an expression that matches something begins or ends with; nil where that is not known.
func edge(p *syntax.Regexp, first bool) *set {
	switch p.Op {
	case syntax.OpPlus:
		return edge(p.Sub[0], first)
	case syntax.OpRepeat:
		if p.Min > 0 {
			return edge(p.Sub[0], first)
		}
	case syntax.OpLiteral:
		r := p.Rune[0]
		if !first {
			r = p.Rune[len(p.Rune)-1]
		}
		if r < utf8.RuneSelf && p.Flags&syntax.FoldCase == 0 {
			s := new(set)
			s[r] = true
			return s
		}
	case syntax.OpCharClass:
		s := new(set)
		for i := 0; i < len(p.Rune); i += 2 {
			if p.Rune[i+1] >= utf8.RuneSelf {
				return nil
			}
			for r := p.Rune[i]; r <= p.Rune[i+1]; r++ {
				s[r] = true
			}
		}
		return s
	}
	return nil
}

// may reports that an expression is worth trying.
func (p *pattern) may(text string) bool {
	if text == "" || !p.first.has(text[0]) || !p.last.has(text[len(text)-1]) {
		return false
	}
	for _, need := range p.needs {
		if !strings.Contains(text, need) {
			return false
		}
	}
	return true
}

// find reports whether a user agent has such a word.
func (w *wordList) find(lower string) bool {
	for _, word := range w.begin {
		if strings.HasPrefix(lower, word) {
			return true
		}
	}
	for _, word := range w.short {
		if strings.Contains(lower, word) {
			return true
		}
	}
	if w.anywhere.any(lower) {
		return true
	}
	for i := range w.patterns {
		if p := &w.patterns[i]; p.may(lower) && p.MatchString(lower) {
			return true
		}
	}
	return false
}
