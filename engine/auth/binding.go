package auth

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"analytics/engine/fault"
)

// maxBound is how many bytes the name of an agent or project has: those of the fields of events.
const maxBound = 128

// Binding is what a key or a share is kept to: the events of one agent, of one project, or of both at
// once; or those of one site. The zero value keeps to nothing.
//
// It narrows what the scopes allow and is not a scope itself, since a list of scopes says what one
// may do as well, while two bindings would have to be both or either.
type Binding struct {
	Agent   string `json:"agent,omitempty"`
	Project string `json:"project,omitempty"`
	Site    string `json:"site,omitempty"`
}

// NewBinding is a binding of what was said. A name that was given and is empty is refused: it is the
// variable of a script that was never set, and would make a key that sees everything.
func NewBinding(agent, project, site *string) (b Binding, err error) {
	read := func(field string, said *string) (name string) {
		if said != nil && *said == "" && err == nil {
			err = fault.At(fault.Invalid, "bad_binding", field,
				"the name of the %s is empty; give one, or leave it out", field)
		}
		if err != nil || said == nil {
			return ""
		}
		return *said
	}
	b = Binding{Agent: read("agent", agent), Project: read("project", project), Site: read("site", site)}
	if err != nil {
		return Binding{}, err
	}
	return b, nil
}

// Free reports whether there is no binding.
func (b Binding) Free() bool { return b == Binding{} }

// Fields are the fields of events that are bound, and their values.
func (b Binding) Fields(yield func(field, value string) bool) {
	if b.Agent != "" && !yield("agent", b.Agent) {
		return
	}
	if b.Project != "" && !yield("project", b.Project) {
		return
	}
	if b.Site != "" {
		yield("site", b.Site)
	}
}

// String is the binding for people, such as agent "support".
func (b Binding) String() string {
	var parts []string
	for field, name := range b.Fields {
		parts = append(parts, field+" "+strconv.Quote(name))
	}
	return strings.Join(parts, " and ")
}

// check says what is wrong with a binding of a key with the scopes. Only questions can be kept to a
// binding: an export is of everything, an administrator could make a free key, and who sends events
// names their agent himself.
func (b Binding) check(l Scopes) error {
	if b.Free() {
		return nil
	}
	if err := b.names(); err != nil {
		return err
	}
	if !slices.Equal(l, Scopes{Query}) {
		return fault.At(fault.Invalid, "bound_scope", "scopes",
			"a key for one agent, project or site asks questions and does nothing else: give it the scope query alone")
	}
	return nil
}

// names says what is wrong with the names of a binding. Visits to a site have no agent, so that both at
// once would be nothing.
func (b Binding) names() error {
	for field, name := range b.Fields {
		if len(name) > maxBound || name != strings.TrimSpace(name) ||
			strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) {
			return fault.At(fault.Invalid, "bad_binding", field,
				"%s must be a name as events have it: at most %d bytes, printable, no space around it",
				field, maxBound)
		}
	}
	if b.Site != "" && (b.Agent != "" || b.Project != "") {
		return fault.At(fault.Invalid, "bad_binding", "site",
			"a site has no agents and projects of its own: give the site alone, or leave it out")
	}
	return nil
}

// BoundKey is the fault for what a bound key or share may not see.
func (id Identity) BoundKey(why string) error {
	what, sees := "key", id.Bound.String()
	if id.Session {
		what = "share"
	}
	if id.Bound.Free() {
		sees = "the pages " + strings.Join(id.Pages, ", ")
	}
	return fault.New(fault.Forbidden, "bound_key", "this %s sees only %s; %s", what, sees, why)
}
