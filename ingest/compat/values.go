package compat

import (
	"crypto/sha256"
	"encoding/hex"
	"math"
	"net/netip"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"analytics/ingest/wire"
)

// Values of JSON that others wrote: numbers come as text, times in six ways, and what is missing is
// null, empty or "None".

// maxText is as much of a text as is looked at: the longest field but URLs holds half of it.
const maxText = 1 << 10

// text is the first of the paths that holds a text or a number.
func text(v gjson.Result, paths ...string) string {
	for _, p := range paths {
		at := v.Get(p)
		if at.Type != gjson.String && at.Type != gjson.Number {
			continue
		}
		if s := strings.TrimSpace(at.String()); s != "" && s != "None" {
			return shortened(s, maxText)
		}
	}
	return ""
}

// shortened is the beginning of a text, whole characters of it.
func shortened(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}

// number is the first of the paths that holds a finite number, also one written as text.
func number(v gjson.Result, paths ...string) (n float64, ok bool) {
	for _, p := range paths {
		at := v.Get(p)
		if at.Type == gjson.String && isNumber(at.Str) || at.Type == gjson.Number {
			n = at.Float()
			if !math.IsInf(n, 0) && !math.IsNaN(n) {
				return n, true
			}
		}
	}
	return 0, false
}

func isNumber(s string) bool {
	s = strings.TrimSpace(s)
	return s != "" && strings.Trim(s, "0123456789.eE+-") == ""
}

// count is the first of the paths that holds a whole number that is not negative.
func count(v gjson.Result, paths ...string) wire.Count {
	for _, p := range paths {
		if n, ok := number(v, p); ok && n >= 0 && n <= maxCount {
			return wire.Some(int64(n))
		}
	}
	return wire.Count{}
}

// maxCount is more tokens than any request has, and few enough to be added up.
const maxCount = 1 << 40

// truth is the first of the paths that holds a truth.
func truth(v gjson.Result, paths ...string) (value, ok bool) {
	for _, p := range paths {
		switch at := v.Get(p); {
		case at.IsBool():
			return at.Bool(), true
		case at.Type == gjson.String && strings.EqualFold(at.Str, "true"):
			return true, true
		case at.Type == gjson.String && strings.EqualFold(at.Str, "false"):
			return false, true
		}
	}
	return false, false
}

// moment is the first of the paths that holds an instant: RFC 3339, the same without a zone (which
// Python writes and means UTC), or seconds or milliseconds since 1970.
func moment(v gjson.Result, paths ...string) time.Time {
	for _, p := range paths {
		at := v.Get(p)
		if n, ok := number(at, "@this"); ok && n > 0 && n < 1e15 {
			if n > 1e11 {
				n /= 1000
			}
			whole, part := math.Modf(n)
			return time.Unix(int64(whole), int64(math.Round(part*1e6))*1000).UTC()
		}
		if at.Type != gjson.String {
			continue
		}
		s := strings.Replace(strings.TrimSpace(at.Str), " ", "T", 1)
		for _, layout := range []string{
			time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04:05-0700",
		} {
			if t, err := time.Parse(layout, s); err == nil && t.Year() > 1970 && t.Year() < 10000 {
				return t.UTC()
			}
		}
	}
	return time.Time{}
}

// maxID is the longest id the schema takes.
const maxID = 64

// idOf is an id that fits: what is longer, or no plain text, becomes a UUID made of it.
func idOf(s string) string {
	if len(s) <= maxID && strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) < 0 {
		return s
	}
	return nameOf(s)
}

// nameOf is a UUIDv8 made of texts: the same texts are the same id.
func nameOf(texts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(texts, "\x00")))
	id := sum[:16]
	id[6] = id[6]&0x0f | 0x80
	id[8] = id[8]&0x3f | 0x80
	h := hex.EncodeToString(id)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// hostOf is the host of a URL. The rest may hold a key.
func hostOf(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// addressOf is the address in a text, which may be a list that a proxy made.
func addressOf(s string) string {
	first, _, _ := strings.Cut(s, ",")
	a, err := netip.ParseAddr(strings.TrimSpace(first))
	if err != nil {
		return ""
	}
	return a.String()
}

// tags gathers properties within the limits of the intake: too many would cost the event.
type tags map[string]any

// maxTags, maxTagName and maxTagText keep all of them under the 8 KiB that properties may have.
const (
	maxTags    = 24
	maxTagName = 64
	maxTagText = 200
)

func (t tags) set(name, value string) {
	if value == "" || name == "" || len(t) >= maxTags || len(name) > maxTagName ||
		strings.IndexFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f }) >= 0 {
		return
	}
	t[name] = strings.ToValidUTF8(shortened(value, maxTagText), "")
}

// joined is the texts of a list, as one.
func joined(list gjson.Result) string {
	var all []string
	list.ForEach(func(_, v gjson.Result) bool {
		if v.Type == gjson.String && v.Str != "" {
			all = append(all, v.Str)
		}
		return len(all) < 16
	})
	return shortened(strings.Join(all, ","), maxTagText)
}
