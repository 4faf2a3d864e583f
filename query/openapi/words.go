package openapi

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
)

//go:embed words.txt
var wordsText string

// words says what a route is for that is no question.
type words struct {
	says       string
	parameters []word
	body       []word
	answer     []word
	status     string
	line       int // where it stands
}

// word is a field or parameter. One whose name is = is a media type or a schema for the whole.
type word struct {
	name, typ, help string
	required        bool
}

// jsonTypes are the types of words.txt.
var jsonTypes = map[string]Object{
	"text": {"type": "string"}, "integer": {"type": "integer"}, "number": {"type": "number"},
	"truth": {"type": "boolean"}, "time": {"type": []string{"string", "null"}, "format": "date-time"},
	"list": {"type": []string{"array", "null"}, "items": Object{}}, "object": {"type": []string{"object", "null"}},
	"any": {},
}

// readWords reads words.txt, by route.
func readWords(text string) (map[string]*words, error) {
	all := map[string]*words{}
	var w *words
	for i, line := range strings.Split(text, "\n") {
		bad := func(what string) error { return fmt.Errorf("words.txt:%d: %s: %q", i+1, what, line) }
		mark, rest, _ := strings.Cut(line, " ")
		switch {
		case line == "" || mark == "#":
			continue
		case strings.HasPrefix(rest, "/") || strings.HasPrefix(line, "/"):
			if all[line] != nil {
				return nil, bad("this route is described twice")
			}
			if w == nil || w.says != "" { // routes one below the other are the same
				w = &words{status: "200", line: i + 1}
			}
			all[line] = w
			continue
		case w == nil:
			return nil, bad("a line before the first route")
		}
		switch mark {
		case "=":
			w.says = rest
		case "!":
			if _, err := strconv.Atoi(rest); err != nil {
				return nil, bad("no status")
			}
			w.status = rest
		case "?":
			name, help, _ := strings.Cut(rest, " ")
			w.parameters = append(w.parameters, word{name: name, help: help})
		case ">", "<":
			f, err := readWord(rest)
			if err != nil {
				return nil, bad(err.Error())
			}
			if mark == ">" {
				w.body = append(w.body, f)
			} else {
				w.answer = append(w.answer, f)
			}
		default:
			return nil, bad("a line begins with a route or one of = ? > ! <")
		}
	}
	return all, nil
}

func readWord(text string) (f word, err error) {
	name, rest, _ := strings.Cut(text, " ")
	f.typ, f.help, _ = strings.Cut(rest, " ")
	f.name, f.required = strings.CutSuffix(name, "!")
	if f.name != "=" && jsonTypes[f.typ] == nil {
		return f, fmt.Errorf("there is no type %q", f.typ)
	}
	return f, nil
}

// content is what a body or answer is: a JSON object with the fields, or what the word for the whole
// says.
func content(fields []word) Object {
	if len(fields) == 1 && fields[0].name == "=" {
		f := fields[0]
		if !strings.Contains(f.typ, "/") {
			return Object{"application/json": Object{"schema": reference(f.typ)}}
		}
		s := Object{"description": f.help}
		if f.typ != "application/json" {
			s["type"] = "string"
		}
		return Object{f.typ: Object{"schema": s}}
	}
	properties, required := Object{}, []string{}
	for _, f := range fields {
		s := Object{}
		for k, v := range jsonTypes[f.typ] {
			s[k] = v
		}
		if f.help != "" {
			s["description"] = f.help
		}
		properties[f.name] = s
		if f.required {
			required = append(required, f.name)
		}
	}
	s := Object{"type": "object", "properties": properties}
	if len(required) > 0 {
		s["required"] = required
	}
	return Object{"application/json": Object{"schema": s}}
}

// response is the good answer.
func (w *words) response() Object {
	if len(w.answer) == 1 && w.answer[0].typ == "nothing" {
		return Object{"description": "done"}
	}
	return Object{"description": "done", "content": content(w.answer)}
}
