package accesslog

import (
	"regexp"
	"strings"

	"analytics/engine/fault"
)

// nicknames are the formats that Apache's documentation gives names to.
var nicknames = map[string]string{
	"common":   `%h %l %u %t "%r" %>s %b`,
	"combined": `%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"`,
	"vhost_combined": `%v:%p %h %l %u %t "%r" %>s %b "%{Referer}i" ` +
		`"%{User-Agent}i"`,
}

var (
	nginxVariable = regexp.MustCompile(`\$\{?([a-z0-9_]+)\}?`)
	apacheField   = regexp.MustCompile(`%[!0-9,]*[<>]?(?:\{([^}]*)\})?([a-zA-Z]|%|\^t[io])`)
	nginxLine     = regexp.MustCompile(`(?s)^\s*log_format\s+\S+\s+(?:escape=\w+\s+)?(.*?);?\s*$`)
	nginxPart     = regexp.MustCompile(`'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"`)
	apacheLine    = regexp.MustCompile(`(?s)^\s*LogFormat\s+"((?:[^"\\]|\\.)*)"`)
)

// layout makes a pattern of what a server's configuration says: a nginx log_format, an Apache
// LogFormat, or the name of a known one. The whole line of the configuration is understood too.
func layout(text string) (*pattern, error) {
	if known, ok := nicknames[text]; ok {
		text = known
	}
	var b builder
	var err error
	if m := apacheLine.FindStringSubmatch(text); m != nil {
		err = b.apache(m[1])
	} else if m := nginxLine.FindStringSubmatch(text); m != nil {
		whole := ""
		for _, part := range nginxPart.FindAllStringSubmatch(m[1], -1) {
			whole += strings.NewReplacer(`\'`, `'`, `\"`, `"`).Replace(part[1] + part[2])
		}
		err = b.nginx(whole)
	} else if nginxVariable.MatchString(text) {
		err = b.nginx(text)
	} else {
		err = b.apache(text)
	}
	if err != nil {
		return nil, err
	}
	p := b.done()
	return p, p.check()
}

func bad(format string, args ...any) error {
	return fault.At(fault.Invalid, "invalid_flag", "log-format", "--log-format "+format, args...)
}

// check wants what no page view can do without.
func (p *pattern) check() error {
	has := map[field]bool{}
	for _, s := range p.steps {
		has[s.field] = true
	}
	switch {
	case !has[moment] && !(has[date] && has[clock]):
		return bad("has no time; it needs $time_local, $time_iso8601, $msec or %%t")
	case !has[status]:
		return bad("has no status; it needs $status or %%>s")
	case !has[request] && !has[target]:
		return bad(`has no request; it needs "$request", $request_uri, "%%r" or %%U`)
	}
	return nil
}

func (b *builder) nginx(text string) error {
	text = strings.ReplaceAll(text, "$uri$is_args$args", "$request_uri")
	for {
		m := nginxVariable.FindStringSubmatchIndex(text)
		if m == nil {
			b.text(text)
			return nil
		}
		b.text(text[:m[0]])
		name := text[m[2]:m[3]]
		if !b.field(nginxNames[name]) {
			return bad("has nothing before $%s that says where it begins", name)
		}
		text = text[m[1]:]
	}
}

func (b *builder) apache(text string) error {
	text = strings.NewReplacer(`\"`, `"`, `\t`, "\t", `\\`, `\`, "%U%q", "%U").Replace(text)
	for {
		m := apacheField.FindStringSubmatchIndex(text)
		if m == nil {
			b.text(text)
			return nil
		}
		b.text(text[:m[0]])
		name, argument := text[m[4]:m[5]], ""
		if m[2] >= 0 {
			argument = text[m[2]:m[3]]
		}
		if name == "%" {
			b.text("%")
			text = text[m[1]:]
			continue
		}
		f, bracket := apacheNamed(name, argument)
		if bracket {
			b.text("[")
		}
		if !b.field(f) {
			return bad("has nothing before %s that says where it begins", text[m[0]:m[1]])
		}
		if bracket {
			b.text("]")
		}
		text = text[m[1]:]
	}
}

// apacheNamed is what a directive says; bracket, that it is written between brackets.
func apacheNamed(name, argument string) (f field, bracket bool) {
	switch name {
	case "t":
		switch hours, days := strings.Contains(argument, "%H") || strings.Contains(argument, "%T"),
			strings.Contains(argument, "%Y") || strings.Contains(argument, "%F"); {
		case argument == "":
			return moment, true
		case strings.HasSuffix(argument, "_frac"):
			return ignored, false
		case days && !hours:
			return date, false
		case hours && !days:
			return clock, false
		}
		return moment, false
	case "i":
		return headerNames[fold(argument)], false
	case "o":
		if fold(argument) == "contenttype" {
			return contentType, false
		}
		return ignored, false
	}
	return apacheNames[name], false
}
