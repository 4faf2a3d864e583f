package gateway

import (
	"net/url"
	"regexp"
	"strings"
)

// prefix begins the path of every call.
const prefix = "/gateway/"

// split takes a call's escaped path apart: the upstream's name, and what goes to the upstream, which
// begins with a slash or is empty.
func split(escaped string) (name, rest string) {
	name = strings.TrimPrefix(escaped, prefix)
	if i := strings.IndexByte(name, '/'); i >= 0 {
		name, rest = name[:i], name[i:]
	}
	return name, rest
}

// tricky reports a path whose parts could mean something else to whoever reads it next: steps
// upwards, backslashes that some take for slashes, empty parts that some fold, control characters;
// each also when it is encoded once or twice more. A slash that is encoded is a part of a name, such
// as that of a model, and stays as it was sent.
func tricky(escaped string) bool {
	text := escaped
	for range 3 {
		if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\\' }) {
			return true
		}
		parts := strings.Split(text, "/")
		for i, part := range parts {
			// A parameter of a part does not hide what the part is: "..;x=1".
			name, _, _ := strings.Cut(part, ";")
			if name == "." || name == ".." || part == "" && i > 0 && i < len(parts)-1 {
				return true
			}
		}
		plain, err := url.PathUnescape(text)
		if err != nil {
			return text == escaped // a broken escape in what was sent; deeper it is just a per cent sign
		}
		if plain == text {
			return false
		}
		text = plain
	}
	return true // nobody encodes three times who means well
}

// version is a part of a path such as v1 or v1beta.
var version = regexp.MustCompile(`^v\d+[a-z0-9]*$`)

// join is the address of a call: base, then rest. Where both say the version, it is said once.
func join(base *url.URL, rest, query string) *url.URL {
	before := strings.TrimSuffix(base.EscapedPath(), "/")
	last := before[strings.LastIndexByte(before, '/')+1:]
	if last != "" && version.MatchString(last) && (rest == "/"+last || strings.HasPrefix(rest, "/"+last+"/")) {
		rest = rest[1+len(last):]
	}
	u := &url.URL{Scheme: base.Scheme, Host: base.Host, RawQuery: query}
	u.RawPath = before + rest
	u.Path, _ = url.PathUnescape(u.RawPath) // both halves were read before
	return u
}
