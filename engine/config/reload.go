package config

import (
	"reflect"
	"slices"
	"strings"

	"analytics/engine/fault"
)

// Fixed refuses new settings that differ from those in force where that takes a new start: in
// fields with the tag restart:"true". Both are pointers to the same struct type.
func Fixed(inForce, next any) error {
	changed := differ(reflect.ValueOf(inForce).Elem(), reflect.ValueOf(next).Elem(), "")
	if len(changed) == 0 {
		return nil
	}
	return fault.New(fault.Conflict, "restart_needed",
		"%s cannot change while the server runs; nothing was changed, restart it instead",
		strings.Join(changed, ", "))
}

func differ(a, b reflect.Value, path string) (changed []string) {
	for i := range a.NumField() {
		f := a.Type().Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		at := path
		if !inline(f) {
			at = join(path, name)
		}
		switch {
		case !f.IsExported():
		case f.Tag.Get("restart") == "true":
			if !reflect.DeepEqual(a.Field(i).Interface(), b.Field(i).Interface()) {
				changed = append(changed, at)
			}
		case f.Type.Kind() == reflect.Struct:
			changed = append(changed, differ(a.Field(i), b.Field(i), at)...)
		}
	}
	return changed
}

// Unread lists the variables of the environment that look like settings and are none, with what was
// probably meant. They are worth a warning and no more: Kubernetes sets ANALYTICS_PORT and the like
// for a service of that name. known are variables with another meaning.
func Unread(environ []string, root any, known ...string) []string {
	names := map[string][]int{}
	variables(reflect.TypeOf(root).Elem(), nil, names)
	var out []string
	for _, pair := range environ {
		name, _, _ := strings.Cut(pair, "=")
		if _, ok := names[name]; ok || !strings.HasPrefix(name, prefix+"_") ||
			slices.Contains(known, name) {
			continue
		}
		text := name + " is no setting"
		if hint := nearest(name, names); strings.HasPrefix(hint, "; did you mean") {
			text += hint
		}
		out = append(out, text)
	}
	return out
}

// variables gathers the names of all variables that are settings.
func variables(t reflect.Type, path []string, into map[string][]int) {
	for _, s := range settingsOf(t) {
		at := append(path[:len(path):len(path)], s.name)
		f := t.FieldByIndex(s.at).Type
		if f.Kind() == reflect.Struct && !decodesItself(reflect.New(f).Elem()) {
			variables(f, at, into)
			continue
		}
		into[Variable(at)] = nil
	}
}
