package enrich

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
)

// wordList finds words that bots use for themselves, in a user agent in lower case. Most patterns
// are plain text, at the beginning or anywhere; the rest is one expression for those that must
// stand at the beginning, and one for each other. That is nearly all
// of the 32 µs that a user agent takes which Enricher does not have kept (measured on Firefox).
type wordList struct {
	anywhere []string
	begin    []string
	patterns []pattern
}

// pattern is an expression, and text without which it cannot match: looking for that first spares
// nearly all of its cost.
type pattern struct {
	needs string
	*regexp.Regexp
}

func (w *wordList) load(text string) error {
	var begin []string
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		p, err := syntax.Parse(line, syntax.Perl)
		if err != nil {
			return fmt.Errorf("%s: %w", line, err)
		}
		switch sub := p.Sub; {
		case p.Op == syntax.OpLiteral:
			w.anywhere = append(w.anywhere, string(p.Rune))
		case p.Op == syntax.OpConcat && len(sub) == 2 && sub[0].Op == syntax.OpBeginText &&
			sub[1].Op == syntax.OpLiteral:
			w.begin = append(w.begin, string(sub[1].Rune))
		case strings.HasPrefix(line, "^"):
			begin = append(begin, line)
		default:
			w.patterns = append(w.patterns, pattern{needed(p), regexp.MustCompile(line)})
		}
	}
	one, err := regexp.Compile(strings.Join(begin, "|"))
	if err != nil {
		return err
	}
	w.patterns = append(w.patterns, pattern{"", one})
	return nil
}

// needed is the longest plain text that whatever an expression matches has.
func needed(p *syntax.Regexp) (longest string) {
	if p.Op != syntax.OpConcat {
		return ""
	}
	for _, sub := range p.Sub {
		exact := sub.Op == syntax.OpLiteral && sub.Flags&syntax.FoldCase == 0
		if text := string(sub.Rune); exact && len(text) > len(longest) {
			longest = text
		}
	}
	return longest
}

// find reports whether a user agent has such a word.
func (w *wordList) find(lower string) bool {
	for _, word := range w.begin {
		if strings.HasPrefix(lower, word) {
			return true
		}
	}
	for _, word := range w.anywhere {
		if strings.Contains(lower, word) {
			return true
		}
	}
	for _, p := range w.patterns {
		if strings.Contains(lower, p.needs) && p.MatchString(lower) {
			return true
		}
	}
	return false
}
