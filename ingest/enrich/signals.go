package enrich

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// The words for what is odd about a request or a browser. Events carry them in signals, joined by
// commas; the points they add are in weights.go. The first ones are seen in a request, see Headers;
// the tracker's script finds out those from Webdriver on.
const (
	NoAcceptLanguage = "no_accept_language"
	NoAccept         = "no_accept"
	NoEncoding       = "no_encoding"
	NoSecFetch       = "no_sec_fetch"
	NoClientHints    = "no_client_hints"
	HTTP10           = "http10"
	AgentMismatch    = "ua_mismatch" // client hints contradict the user agent
	Headless         = "headless"
	Webdriver        = "webdriver"
	ZeroWindow       = "zero_window"
	OddScreen        = "odd_screen"
	NoPlugins        = "no_plugins"
	NoChrome         = "no_chrome"   // Chrome on a desk, without the object that is its name
	NoFrame          = "no_frame"    // a window on a desk that is no higher than the page in it
	SoftwareGL       = "software_gl" // the processor draws what a graphics card draws for people
	// NoHTTP2 is HTTP/1.1 from a browser, to a server that speaks HTTP/2 with most of them.
	NoHTTP2 = "no_http2"
	// NoInput comes with an engagement: until then nobody had moved a mouse, turned a wheel, touched the
	// page or pressed a key on it.
	NoInput = "no_input"
	// JumpingMouse comes with an engagement: a mouse was pressed, and was not moved to there.
	JumpingMouse = "jumping_mouse"
	// NoSubresources is of a page without its images, styles and scripts, as logs and applications see it.
	NoSubresources = "no_subresources"
	// These are seen in a request, too.
	NoHTML    = "no_html"    // a page, and not as HTML
	NoBrotli  = "no_brotli"  // compressed answers, and not the way that browsers take them
	NoUpgrade = "no_upgrade" // a page, without the wish for https that browsers send with it
	// NoAgent is a request without a user agent. An event without one may be of a sender that leaves it out;
	// whoever has seen that there was none says so.
	NoAgent = "no_agent"
	// Passive is of a custom event that nobody did, such as a picture that scrolled into view, and is no sign of a
	// bot: a visit bounces in spite of it.
	Passive = "not_interactive"
)

// Headers is what of a request shows whether a browser sent it. Of most headers it is enough that
// they are there; their text says who somebody is.
type Headers struct {
	Agent    string
	Hints    string // Sec-CH-UA
	Platform string // Sec-CH-UA-Platform, without quotes
	Mobile   string // Sec-CH-UA-Mobile: ?1, ?0 or nothing
	Language, Accept, Encoding, SecFetch,
	Secure, // came over https; browsers send some headers only there
	Proxied, // came through a proxy, which changes protocol and encoding
	Old bool // HTTP/1.0
	// Page: a browser asked for the page itself, not a script for data; only then it says HTML, that
	// it takes such, and Upgrade, that it prefers https. Brotli is one of the encodings.
	Page, HTML, Upgrade, Brotli bool
}

// HeadersOf reads a request; whether it was for a page the caller knows. Who writes X-Forwarded-Proto
// himself only accuses himself; who writes X-Forwarded-For is spared three weak signals.
func HeadersOf(r *http.Request) Headers {
	h := r.Header
	has := func(name string) bool { return h.Get(name) != "" }
	return Headers{
		Agent: r.UserAgent(), Hints: h.Get("Sec-Ch-Ua"),
		Platform: strings.Trim(h.Get("Sec-Ch-Ua-Platform"), `"`), Mobile: h.Get("Sec-Ch-Ua-Mobile"),
		Language: has("Accept-Language"), Accept: has("Accept"), Encoding: has("Accept-Encoding"),
		SecFetch: has("Sec-Fetch-Site"),
		Secure:   r.TLS != nil || strings.EqualFold(h.Get("X-Forwarded-Proto"), "https"),
		Proxied:  has("X-Forwarded-For") || has("Forwarded") || has("Via") || has("X-Real-Ip"),
		Old:      r.ProtoMajor == 1 && r.ProtoMinor == 0,
		HTML:     strings.Contains(h.Get("Accept"), "text/html"), Upgrade: has("Upgrade-Insecure-Requests"),
		Brotli: strings.Contains(h.Get("Accept-Encoding"), "br"),
	}
}

// RequestSignals is the signals of a request, joined by commas as events have them.
func RequestSignals(r *http.Request) string {
	return strings.Join(HeadersOf(r).Signals(), ",")
}

// Signals are the words for what no browser of that name would send. Only who says to be a browser
// can contradict himself: all others are named by their user agent, or send none, as no browser does.
func (h Headers) Signals() []string {
	if h.Agent == "" {
		return []string{NoAgent}
	}
	if !strings.HasPrefix(h.Agent, "Mozilla/5.0") {
		return nil
	}
	var words []string
	odd := func(is bool, word string) {
		if is {
			words = append(words, word)
		}
	}
	chrome := major(h.Agent, "Chrome/")
	safari := 0
	if chrome == 0 && strings.Contains(h.Agent, "Safari/") {
		safari = major(h.Agent, "Version/")
	}
	fetches := chrome >= 80 || major(h.Agent, "Firefox/") >= 90 || safari >= 17
	odd(!h.Language, NoAcceptLanguage)
	odd(!h.Accept, NoAccept)
	odd(!h.Encoding && !h.Proxied, NoEncoding)
	odd(h.Secure && fetches && !h.SecFetch, NoSecFetch)
	odd(h.Secure && chrome >= 90 && h.Hints == "" && !strings.Contains(h.Agent, "; wv)"), NoClientHints)
	odd(h.Old && !h.Proxied, HTTP10) // a proxy such as nginx asks so unless told otherwise
	odd(h.contradicts(chrome), AgentMismatch)
	odd(h.Page && h.Secure && h.Accept && !h.HTML, NoHTML)
	odd(h.Secure && fetches && h.Encoding && !h.Brotli && !h.Proxied, NoBrotli)
	odd(h.Page && h.Secure && fetches && !h.Upgrade, NoUpgrade)
	odd(strings.Contains(h.Agent, "HeadlessChrome") || strings.Contains(h.Hints, "HeadlessChrome"), Headless)
	return words
}

// platforms are what user agents say where the hint has the name. Android tablets and Chrome OS
// pretend to be others when asked for the desktop's page, so they are not here.
var platforms = map[string]string{"Windows": "Windows NT", "macOS": "Macintosh", "iOS": "like Mac OS X"}

// contradicts reports client hints of another browser, version or system than the user agent's.
func (h Headers) contradicts(chrome int) bool {
	if h.Hints == "" {
		return false
	}
	if v := major(h.Hints, `"Chromium";v="`); v > 0 && chrome > 0 && v != chrome {
		return true
	}
	says, known := platforms[h.Platform]
	return chrome == 0 && strings.Contains(h.Agent, "Firefox/") ||
		known && !strings.Contains(h.Agent, says)
}

// major is the number of at most four digits behind a word, or 0.
func major(text, behind string) int {
	_, rest, _ := strings.Cut(text, behind)
	end := 0
	for end < len(rest) && end < 4 && '0' <= rest[end] && rest[end] <= '9' {
		end++
	}
	n, _ := strconv.Atoi(rest[:end])
	return n
}

// words splits signals as an event has them, each once and at most 16.
func words(signals []byte) []string {
	if len(signals) == 0 {
		return nil
	}
	list := strings.SplitN(string(signals), ",", 17)
	if len(list) > 16 {
		list = list[:16]
	}
	slices.Sort(list)
	return slices.Compact(list)
}
