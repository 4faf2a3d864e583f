package geo

import (
	"strconv"
	"strings"

	"github.com/oschwald/maxminddb-golang/v2/mmdbdata"
)

// record is what is read of an entry of a file, whoever made it. MaxMind and DB-IP nest:
// {"city": {"names": {"en": "Berlin"}}, "country": {"iso_code": "DE"}, "subdivisions": [{"names":
// …}]}; IPinfo does not: {"city": "Berlin", "country": "DE", "region": "Land Berlin"}.
type record struct {
	country, region, city string
	owner                 string // of the network
	number                uint64 // of the autonomous system
}

// maxText is the most bytes of a name that are read; longer ones count as damage. maxName is how much
// of it is kept, as much as the events' fields take.
const (
	maxText = 1024
	maxName = 128
)

// kept is a name as it is kept: whole characters.
func kept(text string) string {
	if len(text) > maxName {
		text = text[:maxName]
	}
	return strings.ToValidUTF8(text, "")
}

// UnmarshalMaxMindDBCursor reads an entry; keys that are not known are stepped over.
func (r *record) UnmarshalMaxMindDBCursor(c mmdbdata.Cursor) (mmdbdata.Cursor, error) {
	return eachKey(c, func(key []byte, v mmdbdata.Cursor) (next mmdbdata.Cursor, err error) {
		switch string(key) {
		case "city":
			r.city, next, err = name(v)
		case "region":
			r.region, next, err = name(v)
		case "subdivisions":
			r.region, next, err = first(v)
		case "country", "country_code":
			r.country, next, err = code(v, r.country)
		case "autonomous_system_organization", "as_name":
			r.owner, next, err = v.ReadStringMaxSize(maxText)
		case "autonomous_system_number":
			r.number, next, err = v.ReadUint()
		case "asn": // AS64496
			var text string
			if text, next, err = v.ReadStringMaxSize(maxText); err == nil && len(text) > 2 {
				r.number, _ = strconv.ParseUint(text[2:], 10, 32)
			}
		default:
			next, err = v.Skip()
		}
		return next, err
	})
}

// name reads a name: a text, or a map with names by language, of which the English one counts.
func name(c mmdbdata.Cursor) (text string, next mmdbdata.Cursor, err error) {
	kind, err := c.Kind()
	if err != nil || kind != mmdbdata.KindMap {
		text, next, err = c.ReadStringMaxSize(maxText)
		return text, next, err
	}
	next, err = eachKey(c, func(key []byte, v mmdbdata.Cursor) (mmdbdata.Cursor, error) {
		if string(key) != "names" {
			return v.Skip()
		}
		return eachKey(v, func(key []byte, v mmdbdata.Cursor) (next mmdbdata.Cursor, err error) {
			if string(key) != "en" {
				return v.Skip()
			}
			text, next, err = v.ReadStringMaxSize(maxText)
			return next, err
		})
	})
	return text, next, err
}

// first reads the name of the first of a list: the largest region.
func first(c mmdbdata.Cursor) (text string, next mmdbdata.Cursor, err error) {
	list, err := c.Slice()
	if err != nil {
		return "", next, err
	}
	var at mmdbdata.Cursor
	for {
		i, v, ok := list.Next(at)
		if !ok {
			next, err = list.End()
			return text, next, err
		}
		if i == 0 {
			text, at, err = name(v)
		} else {
			at, err = v.Skip()
		}
		if err != nil {
			return "", next, err
		}
	}
}

// code reads a country: its code, or a map that has it. What is no code (IPinfo's lite file has the
// name there) leaves had.
func code(c mmdbdata.Cursor, had string) (text string, next mmdbdata.Cursor, err error) {
	kind, err := c.Kind()
	if err == nil && kind == mmdbdata.KindMap {
		next, err = eachKey(c, func(key []byte, v mmdbdata.Cursor) (next mmdbdata.Cursor, err error) {
			if string(key) != "iso_code" {
				return v.Skip()
			}
			text, next, err = v.ReadStringMaxSize(maxText)
			return next, err
		})
	} else if err == nil {
		text, next, err = c.ReadStringMaxSize(maxText)
	}
	if !isCode(text) {
		text = had
	}
	return text, next, err
}

// isCode reports whether text is a country's code of ISO 3166.
func isCode(text string) bool {
	upper := func(c byte) bool { return 'A' <= c && c <= 'Z' }
	return len(text) == 2 && upper(text[0]) && upper(text[1]) && text != "ZZ"
}

// eachKey reads a map, each key by read.
func eachKey(
	c mmdbdata.Cursor, read func(key []byte, value mmdbdata.Cursor) (mmdbdata.Cursor, error),
) (mmdbdata.Cursor, error) {
	m, err := c.Map()
	if err != nil {
		return mmdbdata.Cursor{}, err
	}
	var at mmdbdata.Cursor
	for {
		key, v, ok := m.Next(at)
		if !ok {
			return m.End()
		}
		if at, err = read(key, v); err != nil {
			return mmdbdata.Cursor{}, err
		}
	}
}
