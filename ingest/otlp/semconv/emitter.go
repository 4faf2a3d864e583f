package semconv

import "fmt"

// emitter is a program or library that sends, and what is special about it.
type emitter struct {
	name     string
	events   string // what its log records are called, before event.name
	provider string

	agent           bool
	exclusiveInput  bool
	inclusiveInput  bool
	exclusiveOutput bool
	toolInput       bool
	requestID       bool
	noSpans         bool
	noDetails       bool
}

func (t *Table) emitterRow(words []string) error {
	if len(words) < 3 {
		return fmt.Errorf("a name, a word and values are needed")
	}
	e := t.emitters["name "+words[0]]
	if e == nil {
		e = &emitter{name: words[0]}
		t.emitters["name "+words[0]] = e
	}
	switch words[1] {
	case "scope", "service":
		for _, value := range words[2:] {
			t.emitters[words[1]+" "+value] = e
		}
	case "events":
		e.events = words[2]
	case "provider":
		e.provider = words[2]
	case "habits":
		return e.habits(words[2:])
	default:
		return fmt.Errorf("%q is not known of an emitter", words[1])
	}
	return nil
}

func (e *emitter) habits(words []string) error {
	flags := map[string]*bool{
		"agent": &e.agent, "exclusive-input": &e.exclusiveInput,
		"inclusive-input": &e.inclusiveInput, "exclusive-output": &e.exclusiveOutput,
		"tool-input": &e.toolInput, "request-id": &e.requestID,
		"no-spans": &e.noSpans, "no-details": &e.noDetails,
	}
	for _, word := range words {
		flag := flags[word]
		if flag == nil {
			return fmt.Errorf("%q is no habit", word)
		}
		*flag = true
	}
	return nil
}

// unknown is everybody else.
var unknown = &emitter{}

// emitter tells who sent, by the scope or else by the service's name.
func (t *Table) emitter(s Source) *emitter {
	if e := t.emitters["scope "+s.Scope.Name()]; e != nil {
		return e
	}
	if name, ok := s.Resource.Get("service.name"); ok {
		if e := t.emitters["service "+name.Str()]; e != nil {
			return e
		}
	}
	return unknown
}
