package enrich

import "strings"

// finder finds which of many plain texts are in another text. Each is filed under three of its bytes
// in a row that browsers do not send, if it has such; one walk over the text looks up every three
// bytes there. That costs 0.3 µs for 1,500 texts and a user agent. Looking for each alone costs 15 ns
// times their number; an automaton of them 13 MB.
type finder struct {
	texts []string
	grams map[gram][]uint16
	maybe [gramBits / 64]uint64 // a Bloom filter before grams
}

type gram [3]byte

const gramBits = 1 << 15

func (g gram) bit() (word, mask uint64) {
	n := uint32(g[0]) | uint32(g[1])<<8 | uint32(g[2])<<16
	h := n * 0x9e3779b1 >> 17
	return uint64(h >> 6), 1 << (h & 63)
}

// usual are user agents of people, whose bytes tell nothing.
const usual = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) " +
	"Chrome/149.0.0.0 Safari/537.36 Edg/149.0.0.0 OPR/120.0.0.0|" +
	"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7; rv:152.0) Gecko/20100101 Firefox/152.0|" +
	"Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) Version/18.6 Mobile/15E148 Safari/604.1|" +
	"Mozilla/5.0 (Linux; Android 10; K) SamsungBrowser/28.0 Mobile; X11; Ubuntu; compatible; http://"

// usualLower is the same in lower case, as words are looked for.
var usualLower = strings.ToLower(usual)

// add files a text of at least three bytes. Its number is how many there were before.
func (f *finder) add(text string) {
	if f.grams == nil {
		f.grams = map[gram][]uint16{}
	}
	g := f.rarest(text)
	f.grams[g] = append(f.grams[g], uint16(len(f.texts)))
	f.texts = append(f.texts, text)
	word, mask := g.bit()
	f.maybe[word] |= mask
}

// rarest picks the three bytes of a text under which the fewest others are filed.
func (f *finder) rarest(text string) (best gram) {
	fewest := -1
	for i := 0; i+3 <= len(text); i++ {
		g := gram([]byte(text[i : i+3]))
		n := len(f.grams[g])
		if strings.Contains(usual, text[i:i+3]) || strings.Contains(usualLower, text[i:i+3]) {
			n += 1000
		}
		if fewest < 0 || n < fewest {
			best, fewest = g, n
		}
	}
	return best
}

// in yields the numbers of the texts that are in the given one, some twice.
func (f *finder) in(text string, yield func(n int) bool) {
	for i := 0; i+3 <= len(text); i++ {
		g := gram{text[i], text[i+1], text[i+2]}
		word, mask := g.bit()
		if f.maybe[word]&mask == 0 {
			continue
		}
		for _, n := range f.grams[g] {
			if strings.Contains(text, f.texts[n]) && !yield(int(n)) {
				return
			}
		}
	}
}

// any reports whether one of the texts is in the given one.
func (f *finder) any(text string) bool {
	found := false
	f.in(text, func(int) bool {
		found = true
		return false
	})
	return found
}
