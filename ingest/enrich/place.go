package enrich

import (
	"bytes"
	"maps"
	"strings"
)

// kind is what people do at a place that sends visitors.
type kind uint8

const (
	other kind = iota
	search
	social
	video
	shopping
	assistant
	email
	advertising
)

// place is a source of visits known by name, such as Google with all its hosts.
type place struct {
	kind   kind
	source string
}

// listed are the kinds of the list of referrers, in the order in which they get to use a name. The
// list also has hosts of search engines that are known not to be about searching: those are left
// out, as any host is its own source.
var listed = []struct {
	medium string
	kind   kind
	suffix string // for a name that means another kind already
}{
	{"search", search, " Search"},
	{"social", social, " Social"},
	{"email", email, " Mail"},
	{"referral", other, " Referral"},
	{"paid", advertising, " Ads"},
}

// loadPlaces files our places, and then those of the list. A name stands for one kind, so that a
// visit can be told again from the source that was kept of it; ours decide which.
func (l *Lists) loadPlaces(rows [][]string) {
	for _, e := range extra {
		l.file(&place{e.kind, e.source}, e.hosts)
	}
	ours := maps.Clone(l.names)
	for _, k := range listed {
		for _, row := range rows {
			if row[0] != k.medium {
				continue
			}
			p := &place{k.kind, row[1]}
			name := strings.ToLower(row[1])
			if same := ours[name]; same != nil && k.kind != advertising {
				p = same
			} else if taken := l.names[name]; taken != nil && taken.kind != k.kind {
				p.source += k.suffix
			}
			l.file(p, row[2])
		}
	}
	for alias, name := range aliases {
		l.names[alias] = l.names[strings.ToLower(name)]
	}
}

// file puts a place under its name and its hosts, where nothing is yet.
func (l *Lists) file(p *place, hosts string) {
	if name := strings.ToLower(p.source); l.names[name] == nil {
		l.names[name] = p
	}
	for host := range strings.FieldsSeq(hosts) {
		if l.places[host] == nil {
			l.places[host] = p
		}
	}
}

// at finds the place of a host, in lower case: the host itself or a parent of it. A subdomain of a
// search engine is only the same when its first label is a usual one, for docs.google.com is not
// where people search.
func (l *Lists) at(host []byte) *place {
	host = bare(host)
	if p := l.places[string(host)]; p != nil {
		return p
	}
	first, _, _ := bytes.Cut(host, []byte{'.'})
	for parent := host; ; {
		n := bytes.IndexByte(parent, '.')
		if n < 0 {
			return nil
		}
		parent = parent[n+1:]
		if bytes.IndexByte(parent, '.') < 0 {
			return nil
		}
		p := l.places[string(parent)]
		switch {
		case p == nil:
		case p.kind == search && !usualLabel(first), p.kind == other:
			return nil
		default:
			return p
		}
	}
}

// usualLabel is a first label under which search engines are the same place.
func usualLabel(label []byte) bool {
	switch string(label) {
	case "www", "m", "search", "images", "lite", "html", "start", "ecosia":
		return true
	}
	return len(label) == 2 // a country
}

// named finds the place that a utm_source means, by name or host; nil if it is none.
func (l *Lists) named(source []byte) *place {
	name := string(bytes.ToLower(source))
	if p := l.names[name]; p != nil {
		return p
	}
	if u, ok := SplitURL([]byte(name)); ok && len(u.Host) > 0 {
		return l.at(u.Host)
	}
	if strings.IndexByte(name, '.') > 0 {
		return l.at([]byte(name))
	}
	return nil
}
