package config

import (
	"errors"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// prefix begins the environment variables that are settings. `analytics.retention_days` is
// ANALYTICS_RETENTION_DAYS (the section's name is not doubled), `report.daily_at` is
// ANALYTICS_REPORT_DAILY_AT. A list or a map is written as YAML:
// ANALYTICS_NETWORK_ALLOW="[10.0.0.0/8]".
const prefix = "ANALYTICS"

// lookup finds variables in a list like os.Environ's; the last one counts.
func lookup(environ []string) func(name string) (string, bool) {
	vars := map[string]string{}
	for _, pair := range environ {
		if name, value, ok := strings.Cut(pair, "="); ok {
			vars[name] = value
		}
	}
	return func(name string) (string, bool) {
		value, ok := vars[name]
		return value, ok
	}
}

// Variable is the environment variable of a setting.
func Variable(path []string) string {
	if len(path) > 1 && strings.EqualFold(path[0], prefix) {
		path = path[1:]
	}
	return prefix + "_" + strings.ToUpper(strings.Join(path, "_"))
}

// overlay sets what the environment sets.
func overlay(v reflect.Value, path []string, env func(string) (string, bool), found *problems) {
	for _, s := range settingsOf(v.Type()) {
		f, at := v.FieldByIndex(s.at), append(path[:len(path):len(path)], s.name)
		if f.Kind() == reflect.Struct && !decodesItself(f) {
			overlay(f, at, env, found)
			continue
		}
		text, _ := env(Variable(at))
		if text == "" { // set to nothing is not set: containers pass on what nobody gave
			continue
		}
		var err error
		if f.Kind() == reflect.String {
			f.SetString(text)
		} else {
			err = yaml.Unmarshal([]byte(text), f.Addr().Interface())
		}
		if err != nil {
			found.add("%s: %s", Variable(at), reason(err))
		}
	}
}

// variable is ${NAME}; a $ without braces stands for itself, since passwords are full of them.
var variable = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)

// expand replaces ${NAME} in texts by environment variables, so that secrets need not be in files.
func expand(v reflect.Value, path string, env func(string) (string, bool), found *problems) {
	switch v.Kind() {
	case reflect.String:
		if !v.CanSet() || !strings.Contains(v.String(), "${") {
			return
		}
		v.SetString(variable.ReplaceAllStringFunc(v.String(), func(text string) string {
			name := text[2 : len(text)-1]
			value, ok := env(name)
			if !ok {
				found.add("%s: the environment has no %s", path, name)
			}
			return value
		}))
	case reflect.Struct:
		for _, s := range settingsOf(v.Type()) {
			expand(v.FieldByIndex(s.at), join(path, s.name), env, found)
		}
	case reflect.Slice:
		for i := range v.Len() {
			expand(v.Index(i), path, env, found)
		}
	case reflect.Map: // its values cannot be set in place
		for _, key := range v.MapKeys() {
			value := reflect.New(v.Type().Elem()).Elem()
			value.Set(v.MapIndex(key))
			expand(value, join(path, key.String()), env, found)
			v.SetMapIndex(key, value)
		}
	}
}

// validate asks every part that can say what is wrong with it. A part that is embedded is asked
// too; if its method is also the one of the whole, it answers twice, and is noted once.
func validate(v reflect.Value, path string, found *problems) {
	if part, ok := v.Addr().Interface().(Validator); ok {
		for _, err := range flatten(part.Validate()) {
			if errors.Is(err, errTold) {
				continue
			}
			text := err.Error()
			if path != "" {
				text = path + ": " + text
			}
			if !slices.Contains(*found, text) {
				*found = append(*found, text)
			}
		}
	}
	if v.Kind() != reflect.Struct {
		return
	}
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if inline(f) {
			validate(v.Field(i), path, found)
		}
	}
	for _, s := range settingsOf(v.Type()) {
		validate(v.FieldByIndex(s.at), join(path, s.name), found)
	}
}

// flatten takes joined errors apart.
func flatten(err error) []error {
	if err == nil {
		return nil
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var out []error
		for _, e := range joined.Unwrap() {
			out = append(out, flatten(e)...)
		}
		return out
	}
	return []error{err}
}
