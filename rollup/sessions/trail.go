package sessions

import "bytes"

// Other is the last line of a list that was cut.
const Other = "(other)"

// maxStops is how many pages a journey has; people see fewer, and machines have no use for it.
const maxStops = 100

// trail is the paths of page views in order, one a line. A page that is loaded again is there once. What
// comes after maxStops pages or 4 KiB is one line, (other).
type trail struct {
	text  []byte
	last  int // where the last line begins
	stops int
	cut   bool
}

const maxJourney = 4096 - len("\n"+Other)

func (t *trail) add(path []byte) {
	if bytes.IndexByte(path, '\n') >= 0 {
		path = bytes.ReplaceAll(path, []byte("\n"), []byte(" "))
	}
	if t.cut || t.stops > 0 && bytes.Equal(t.text[t.last:], path) {
		return
	}
	if t.stops == maxStops || len(t.text)+1+len(path) > maxJourney {
		path, t.cut = []byte(Other), true
	}
	if t.stops > 0 {
		t.text = append(t.text, '\n')
	}
	t.last = len(t.text)
	t.text = append(t.text, path...)
	t.stops++
}

// names is a set of names in the order in which they were met, one a line: 1 KiB of them.
type names struct{ text []byte }

const maxNames = 1024

func (n *names) add(name []byte) {
	if len(name) == 0 || bytes.IndexByte(name, '\n') >= 0 || len(n.text)+1+len(name) > maxNames {
		return
	}
	for rest := n.text; len(rest) > 0; {
		var line []byte
		if line, rest, _ = bytes.Cut(rest, []byte("\n")); bytes.Equal(line, name) {
			return
		}
	}
	if len(n.text) > 0 {
		n.text = append(n.text, '\n')
	}
	n.text = append(n.text, name...)
}
