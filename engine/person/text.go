package person

import (
	"html"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Erased stands where a person's id was.
const Erased = "(erased)"

const (
	// maxPieces and maxLength bound the stretches of a text that may be an id: a UUID has 9 pieces, an
	// address some 20.
	maxPieces = 40
	maxLength = 256
	// fewDigits is how many digits a number has that may just as well be a count.
	fewDigits = 5
	// minCut is the least of an id that stands before an ellipsis for all of it.
	minCut = 16
)

// In reports whether a text names the person, also in the forms that Markdown, HTML and chats give it.
func (p *Person) In(text string) bool {
	if text == "" {
		return false
	}
	if p.names(text) {
		return true
	}
	for _, other := range readings(text) {
		if p.names(other) {
			return true
		}
	}
	return false
}

// readings are what a text may mean: without escapes, entities and what cannot be seen.
func readings(text string) (all []string) {
	plain := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, text)
	plain = html.UnescapeString(plain)
	bare := strings.ReplaceAll(plain, `\`, "")
	for _, other := range []string{plain, bare} {
		if other != text && (len(all) == 0 || all[0] != other) {
			all = append(all, other)
		}
	}
	return all
}

func (p *Person) names(text string) bool {
	if p.ID != "" && !strings.Contains(text, p.ID) {
		return p.cut(text)
	}
	return p.Redact(text) != text
}

// cut reports whether a text has the beginning of the id before an ellipsis.
func (p *Person) cut(text string) bool {
	for head := range strings.SplitSeq(text, "…") {
		for n := min(len(p.ID)-1, len(head)); n >= minCut; n-- {
			if utf8.ValidString(p.ID[:n]) && strings.HasSuffix(head, p.ID[:n]) && len(head) < len(text) {
				return true
			}
		}
	}
	return false
}

// piece is a word of a text, or one character that is none.
type piece struct {
	from, to int
	word     bool
}

func pieces(text string) (all []piece) {
	for i, r := range text {
		word := r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
		if n := len(all); word && n > 0 && all[n-1].word {
			all[n-1].to = i + utf8.RuneLen(r)
			continue
		}
		size := utf8.RuneLen(r)
		if r == utf8.RuneError {
			_, size = utf8.DecodeRuneInString(text[i:])
		}
		all = append(all, piece{i, i + size, word})
	}
	return all
}

// Redact is a text with Erased in the place of the id.
func (p *Person) Redact(text string) string {
	if p.ID != "" && !strings.Contains(text, p.ID) {
		return text
	}
	if p.Is(text) {
		return Erased
	}
	var b strings.Builder
	all, done := pieces(text), 0
	for i := 0; i < len(all); i++ {
		if n := p.at(text, all, i); n > 0 {
			b.WriteString(text[done:all[i].from])
			b.WriteString(Erased)
			i += n - 1
			done = all[i].to
		}
	}
	if done == 0 {
		return text
	}
	return b.String() + text[done:]
}

// at is how many pieces from one on are the id: the most there are.
func (p *Person) at(text string, all []piece, i int) (n int) {
	from := all[i].from
	for j := i; j < len(all) && j < i+maxPieces && all[j].to-from <= maxLength; j++ {
		if is := text[from:all[j].to]; p.Is(is) && !p.mereCount(text[:from], is) {
			n = j - i + 1
		}
	}
	return n
}

// speaks are the words that a user's id stands behind.
var speaks = []string{"user", "user_id", "visitor", "visitor_id", "actor"}

// mereCount reports whether an id of a few digits stands where a count may.
func (p *Person) mereCount(before, id string) bool {
	if len(id) > fewDigits || strings.Trim(id, "0123456789.,") != "" {
		return false
	}
	word := strings.ToLower(strings.TrimRight(before, " :=\"'`*("))
	for _, s := range speaks {
		if rest, is := strings.CutSuffix(word, s); is && len(word) < len(before) {
			r, _ := utf8.DecodeLastRuneInString(rest)
			return rest != "" && (r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r))
		}
	}
	return true
}
