package accesslog

import (
	"bytes"
	"net/netip"
	"slices"
	"strings"

	"analytics/engine/fault"
)

// Format knows the lines of one server. It has no state but the field names that the file itself
// gives, so each file needs one of its own.
type Format struct {
	name   string
	lines  shape
	custom *pattern
	// whole says that the target of a request names the host that was asked.
	whole   bool
	columns []field // of a W3C file, by its last #Fields or else as named
	named   []field // the columns of W3C files that do not say theirs
	dates   []byte  // of its last #Date, for files without a date in each line
}

// shape is how the text lines of a format are read. Lines of JSON are read as such in all of them.
type shape uint8

const (
	combined shape = iota
	objects
	extended
	haproxy
	balancer
	meshed
)

var shapes = map[string]shape{
	"nginx": combined, "apache": combined, "caddy": combined, "traefik": combined,
	"json": objects, "cloudflare": objects, "envoy": meshed,
	"cloudfront": extended, "iis": extended, "w3c": extended,
	"haproxy": haproxy, "alb": balancer,
}

// Names are the names of the formats.
func Names() []string {
	var all []string
	for name := range shapes {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

// Known reports whether there is a format of that name.
func Known(name string) bool { _, ok := shapes[name]; return ok }

// NewFormat is the format of a server, or the one its configuration says.
func NewFormat(name, layoutText string) (*Format, error) {
	if !Known(name) {
		return nil, fault.At(fault.Invalid, "invalid_flag", "from", "there is no log format %q; there are %s",
			name, strings.Join(Names(), ", "))
	}
	f := &Format{name: name, lines: shapes[name]}
	f.whole = f.lines == haproxy || f.lines == balancer
	if layoutText == "" {
		return f, nil
	}
	var err error
	switch f.lines {
	case extended:
		f.named, err = columnsOf(layoutText)
		f.columns = f.named
		return f, err
	case combined:
	default:
		return nil, bad("is for nginx, apache, caddy, traefik, cloudfront, iis and w3c; %s has one format", name)
	}
	f.custom, err = layout(layoutText)
	return f, err
}

// Hosted reports whether lines of the format always name the host that was asked, or may: only the
// lines of the others need to be told.
func (f *Format) Hosted() bool {
	if f.custom != nil {
		return slices.ContainsFunc(f.custom.steps, func(s step) bool {
			return s.field == host || s.field == fallbackHost
		})
	}
	if f.named != nil {
		return slices.Contains(f.named, host) || slices.Contains(f.named, fallbackHost)
	}
	return f.lines != combined || f.name == "caddy"
}

// fresh is the format for another file.
func (f *Format) fresh() *Format {
	other := *f
	other.columns, other.dates = slices.Clone(f.named), nil
	return &other
}

// verdict says what a line is.
type verdict uint8

const (
	good    verdict = iota
	silent          // a line that is no request: a comment, an empty one, a note of the server
	foreign         // a line that is not of the format
)

// read cuts a line into fields.
func (f *Format) read(line []byte, h *hit) verdict {
	switch {
	case f.custom != nil:
		return judged(f.custom.match(line, h) && h.getting())
	case line[0] == '{':
		return f.object(line, h)
	case line[0] == '#' && f.lines != haproxy:
		f.directive(line)
		return silent
	}
	if f.name == "caddy" || f.lines == objects {
		if v := f.console(line, h); v != foreign {
			return v
		}
		h.reset()
	}
	switch f.lines {
	case objects:
		return foreign
	case extended:
		return f.row(line, h)
	case haproxy:
		return proxied(line, h)
	case balancer:
		return judged(balancerLine.match(line, h))
	case meshed:
		return judged(envoyLine.match(line, h))
	}
	return judged(common(line, h))
}

// getting says GET for a format that says no method, as who wrote it had pages in mind.
func (h *hit) getting() bool {
	if h.text[method] == nil && h.text[request] == nil {
		h.set(method, []byte("GET"))
	}
	return true
}

// strange is what is said of a line that is not of the format.
func (f *Format) strange() string {
	if f.lines == extended && len(f.columns) == 0 {
		return "has no #Fields before it that names its columns; --log-format names them, as in " +
			"'timestamp c-ip sc-status cs-method cs-uri-stem'"
	}
	return "is not in the format of " + f.name
}

func judged(ok bool) verdict {
	if ok {
		return good
	}
	return foreign
}

// The formats that are read without being told. Behind the user agent nginx writes by its default
// format "main" what proxies said of the client.
var (
	plain = must(`%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" "%{X-Forwarded-For}i"`)
	vhost = must(`%v %h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" "%{X-Forwarded-For}i"`)
	// type time elb client:port target:port three-times elb-status target-status received sent …
	balancerLine = must(`%l %{iso}t %l %a %l %l %l %l %s %l %l %l "%r" "%{User-Agent}i"`)
	// [time] "request" status flags received sent milliseconds upstream's "X-Forwarded-For" "user agent" "id"
	// "host" …; Istio's has four words more before the quotes.
	envoyLine = must(`[%{iso}t] "%r" %>s %l %l %l %l %l "%{X-Forwarded-For}i" "%{User-Agent}i" "%{id}i" "%V"`)
)

// must makes a pattern of which only the fields up to the size must be there.
func must(text string) *pattern {
	p, err := layout(text)
	if err != nil {
		panic(err)
	}
	for i, s := range p.steps {
		if s.field == status {
			p.enough = i
		}
	}
	return p
}

// common reads a common or combined line. One that has four words before the time begins with the
// virtual host.
func common(line []byte, h *hit) bool {
	line = relayed(line)
	first := firstWord(line)
	if !isAddress(first) && len(first) < len(line) {
		if second := firstWord(line[len(first)+1:]); isAddress(second) && vhost.match(line, h) {
			return true
		}
		h.reset()
	}
	return plain.match(line, h)
}

// relayed is a line without what syslog or a journal puts before it: the date, whose it is and the program. A
// line has three words before its time, or four with a virtual host, or more if the user's name has spaces.
func relayed(line []byte) []byte {
	at := bytes.Index(line, []byte(" ["))
	if at < 0 || bytes.Count(line[:at], []byte{' '}) < 4 {
		return line
	}
	for n := 1; n <= 6 && at >= 0; n++ {
		at = bytes.LastIndexByte(line[:at], ' ')
		if word := line[at+1:]; n >= 3 && isAddress(firstWord(word)) {
			return word
		}
	}
	return line
}

func isAddress(v []byte) bool {
	_, ok := addressOf(v)
	return ok
}

// addressOf reads an address with or without a port.
func addressOf(v []byte) (netip.Addr, bool) {
	if len(v) < 2 || len(v) > 60 {
		return netip.Addr{}, false
	}
	if a, err := netip.ParseAddr(str(v)); err == nil {
		return a.Unmap().WithZone(""), true
	}
	if bytes.IndexByte(v, ':') < 0 {
		return netip.Addr{}, false
	}
	if a, err := netip.ParseAddrPort(str(v)); err == nil {
		return a.Addr().Unmap().WithZone(""), true
	}
	v = bytes.Trim(v, "[]")
	a, err := netip.ParseAddr(str(v))
	return a.Unmap().WithZone(""), err == nil
}
