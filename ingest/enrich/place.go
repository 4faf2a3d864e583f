package enrich

import (
	"bytes"
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

var kinds = map[string]kind{
	"search": search, "social": social, "email": email, "paid": advertising,
}

// loadPlaces files the list of referrers, and then ours over it.
func (l *Lists) loadPlaces(rows [][]string) {
	for _, row := range rows {
		l.file(&place{kinds[row[0]], row[1]}, row[2])
	}
	for _, e := range extra {
		l.file(&place{e.kind, e.source}, e.hosts)
	}
	for alias, name := range aliases {
		l.names[alias] = l.names[strings.ToLower(name)]
	}
}

// file puts a place under its hosts and its name. A name that several places have means the one
// where people search, as "google" and "yahoo!" do; ours replace those of the list.
func (l *Lists) file(p *place, hosts string) {
	for host := range strings.FieldsSeq(hosts) {
		l.places[host] = p
	}
	name := strings.ToLower(p.source)
	if old := l.names[name]; old == nil || p.kind == search || old.kind == other ||
		old.kind == advertising {
		l.names[name] = p
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
		case p.kind == search && !usualLabel(first):
			return nil
		case p.kind == other:
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
