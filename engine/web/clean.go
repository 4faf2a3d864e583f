package web

import (
	"analytics/engine/fault"
	"errors"
	"io"
	"log/slog"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean makes a string from outside fit for a log line or a message: what cannot be seen is written
// as an escape, and what is over 256 bytes is cut.
func Clean(s string) string {
	if len(s) <= maxLogged && !strings.ContainsFunc(s, unprintable) {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		shown := string(r)
		if _, n := utf8.DecodeRuneInString(s[i:]); r == utf8.RuneError && n == 1 {
			shown = `\x` + strconv.FormatUint(uint64(s[i]), 16)
		} else if unprintable(r) {
			q := strconv.QuoteRuneToASCII(r)
			shown = q[1 : len(q)-1]
		}
		if b.Len()+len(shown) > maxLogged-len("…") {
			return b.String() + "…"
		}
		b.WriteString(shown)
	}
	return b.String()
}

// unprintable holds for control characters, bidirectional marks, zero-width characters and invalid
// UTF-8, all of which can make a log say what it does not.
func unprintable(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) }

// secretForms are forms that secrets have in the errors of other packages. A text is searched only
// if it has the hint.
var secretForms = []struct {
	hint, form, shown string
}{
	{"ak_", `\b(ak_[a-z]{2,3}_[0-9A-Za-z]{8}_)[0-9A-Za-z]{38}`, "${1}[redacted]"},
	{"/webhooks/", `(/webhooks/[0-9]+/)[^\s"'/?]+`, "${1}[redacted]"},
	{"earer ", `(?i)(bearer )[^\s"',]+`, "${1}[redacted]"},
	{"sk-", `\b(sk-)[0-9A-Za-z_-]{16,}`, "${1}[redacted]"},
	{"@", `(://[^:/\s]*:)[^@/\s]+@`, "${1}[redacted]@"},
}

// Scrub takes keys, webhook tokens and passwords in URLs out of a text that was not written for the
// log, such as the error of an HTTP client, which holds the whole URL.
func Scrub(s string) string {
	for _, f := range secretForms {
		if strings.Contains(s, f.hint) {
			s = regexp.MustCompile(f.form).ReplaceAllString(s, f.shown)
		}
	}
	return s
}

// Level sets a level to what a flag says, which is nothing if it is empty.
func Level(text string, to *slog.Level) error {
	if text == "" {
		return nil
	}
	if err := to.UnmarshalText([]byte(text)); err != nil {
		return fault.At(fault.Invalid, "invalid_flag", "log-level",
			"--log-level is debug, info, warn or error, not %q", text)
	}
	return nil
}

// NewLog is the log of the whole program: each line is JSON or text, no string is longer than 256
// bytes or holds a secret whose form is known.
func NewLog(w io.Writer, level slog.Leveler, asJSON bool) *slog.Logger {
	opt := &slog.HandlerOptions{Level: level, ReplaceAttr: tidyAttr}
	if asJSON {
		return slog.New(slog.NewJSONHandler(w, opt))
	}
	return slog.New(slog.NewTextHandler(w, opt))
}

func tidyAttr(_ []string, a slog.Attr) slog.Attr {
	switch a.Value.Kind() {
	case slog.KindString:
		if a.Key == "stack" {
			return slog.String(a.Key, Scrub(a.Value.String()))
		}
		return slog.String(a.Key, Clean(Scrub(a.Value.String())))
	case slog.KindAny:
		if err, ok := a.Value.Any().(error); ok {
			return slog.String(a.Key, Clean(Scrub(errorText(err))))
		}
	}
	return a
}

// errorText is the text of an error without the path and query of URLs in it.
func errorText(err error) string {
	text := err.Error()
	if u, ok := errors.AsType[*url.Error](err); ok && u.URL != "" {
		short := "[url]"
		if p, err := url.Parse(u.URL); err == nil && p.Host != "" {
			short = p.Scheme + "://" + p.Host + "/…"
		}
		text = strings.ReplaceAll(text, u.URL, short)
	}
	return text
}
