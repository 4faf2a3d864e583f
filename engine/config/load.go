package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"analytics/engine/fault"
)

// problems gathers what is wrong, a line each.
type problems []string

func (p *problems) add(format string, args ...any) { *p = append(*p, fmt.Sprintf(format, args...)) }

// Validator is a part of the settings that can say what is wrong with it: all at once, joined with
// errors.Join.
type Validator interface{ Validate() error }

// Path is the file that is read: the one that was named, or analytics.yaml in this folder if it is
// there, or none.
func Path(named string) string {
	const usual = "analytics.yaml"
	if _, err := os.Stat(usual); named == "" && err == nil {
		return usual
	}
	return named
}

// Load fills root, a pointer to a struct that holds the defaults, from the file and the
// environment. An empty path reads no file; a path that does not exist is an error. environ is
// like os.Environ. The error lists every problem.
func Load(path string, environ []string, root any) error {
	var found problems
	v := reflect.ValueOf(root).Elem()
	if path != "" {
		text, err := os.ReadFile(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return fault.New(fault.Invalid, "no_config", "there is no config file %s", path)
		case err != nil:
			return fault.New(fault.Invalid, "no_config", "cannot read the config file: %v", err)
		}
		if err := fill(text, v, &found); err != nil {
			return fault.New(fault.Invalid, "invalid_config", "%s: %v", path, err)
		}
		expand(v, "", lookup(environ), &found)
	}
	overlay(v, nil, lookup(environ), &found)
	validate(v, "", &found)
	if len(found) == 0 {
		return nil
	}
	name := path
	if name == "" {
		name = "the environment"
	}
	count := "1 problem"
	if len(found) > 1 {
		count = fmt.Sprintf("%d problems", len(found))
	}
	return fault.New(fault.Invalid, "invalid_config", "%s in %s:\n  %s",
		count, name, strings.Join(found, "\n  "))
}

// fill reads YAML into the settings, key by key, so that each problem has its line.
func fill(text []byte, v reflect.Value, found *problems) error {
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return errors.New(yaml.FormatError(err, false, true))
	}
	for _, doc := range file.Docs {
		if doc.Body != nil {
			fillNode(doc.Body, v, "", found)
		}
	}
	return nil
}

func fillNode(n ast.Node, v reflect.Value, path string, found *problems) {
	if n.Type() == ast.NullType { // an empty section keeps its defaults
		return
	}
	if v.Kind() == reflect.Pointer { // what may be left out; the library forgets what a pointer is to
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	if d, ok := v.Addr().Interface().(*Decimal); ok { // as written: the library makes it a float
		var err error
		if *d, err = ParseDecimal(n.GetToken().Value); err != nil {
			found.add("line %d: %s: %v", line(n), path, err)
			*d = Decimal{text: n.GetToken().Value, wrong: true}
		}
		return
	}
	if v.Kind() == reflect.Struct && !decodesItself(v) {
		fillStruct(n, v, path, found)
		return
	}
	list, isList := n.(*ast.SequenceNode)
	if isList && v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Struct {
		items := list.Values
		all := reflect.MakeSlice(v.Type(), len(items), len(items))
		for i, item := range items {
			fillNode(item, all.Index(i), fmt.Sprintf("%s[%d]", path, i), found)
		}
		v.Set(all)
		return
	}
	if v.Kind() == reflect.Map && v.Type().Elem().Kind() == reflect.Struct {
		fillMap(n, v, path, found)
		return
	}
	if err := yaml.NodeToValue(n, v.Addr().Interface()); err != nil {
		found.add("line %d: %s: %s", line(n), path, reason(err))
	}
}

func fillStruct(n ast.Node, v reflect.Value, path string, found *problems) {
	fields := fieldsOf(v)
	seen := map[string]bool{}
	for _, pair := range pairs(n) {
		name := pair.Key.String()
		at, ok := fields[name]
		switch {
		case !ok:
			found.add("line %d: unknown key %q%s", line(pair.Key), join(path, name), nearest(name, fields))
		case seen[name]:
			found.add("line %d: %s is set twice", line(pair.Key), join(path, name))
		default:
			seen[name] = true
			fillNode(pair.Value, v.FieldByIndex(at), join(path, name), found)
		}
	}
	if len(pairs(n)) == 0 && n.Type() != ast.MappingType {
		found.add("line %d: %s must be a block of settings", line(n), path)
	}
}

func fillMap(n ast.Node, v reflect.Value, path string, found *problems) {
	if v.IsNil() {
		v.Set(reflect.MakeMap(v.Type()))
	}
	for _, pair := range pairs(n) {
		var name string
		if err := yaml.NodeToValue(pair.Key, &name); err != nil {
			found.add("line %d: %s: %s", line(pair.Key), path, reason(err))
			continue
		}
		value := reflect.New(v.Type().Elem()).Elem()
		fillNode(pair.Value, value, join(path, name), found)
		v.SetMapIndex(reflect.ValueOf(name), value)
	}
}

// pairs lists the keys of a mapping; one with a single key is a node of its own kind.
func pairs(n ast.Node) []*ast.MappingValueNode {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}
	}
	return nil
}

// decodesItself reports whether the type reads YAML or text in its own way.
func decodesItself(v reflect.Value) bool {
	switch v.Addr().Interface().(type) {
	case yaml.BytesUnmarshaler, yaml.InterfaceUnmarshaler, interface{ UnmarshalText([]byte) error }:
		return true
	}
	return false
}

// setting is one field of a struct of settings; those of embedded structs count as the struct's
// own.
type setting struct {
	name string
	at   []int
}

// settingsOf lists the settings of a struct type in order.
func settingsOf(t reflect.Type) []setting {
	var out []setting
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case inline(f):
			for _, inner := range settingsOf(f.Type) {
				out = append(out, setting{inner.name, append([]int{i}, inner.at...)})
			}
		case f.IsExported() && name != "" && name != "-":
			out = append(out, setting{name, []int{i}})
		}
	}
	return out
}

// inline reports whether a field's own settings stand where it stands: it is embedded, or its tag is
// `yaml:",inline"`.
func inline(f reflect.StructField) bool {
	return f.IsExported() && f.Type.Kind() == reflect.Struct &&
		(f.Anonymous || f.Tag.Get("yaml") == ",inline")
}

// fieldsOf maps the names of a struct's settings to their positions.
func fieldsOf(v reflect.Value) map[string][]int {
	out := map[string][]int{}
	for _, s := range settingsOf(v.Type()) {
		out[s.name] = s.at
	}
	return out
}

func line(n ast.Node) int { return n.GetToken().Position.Line }

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// kindOf is a type in words.
func kindOf(t reflect.Type) string {
	switch {
	case t == nil:
		return "nothing"
	case t == reflect.TypeFor[time.Duration]():
		return "a length of time such as 10m"
	}
	switch t.Kind() {
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Map, reflect.Struct:
		return "a block of keys"
	case reflect.Float32, reflect.Float64:
		return "a number"
	}
	if t.ConvertibleTo(reflect.TypeFor[int64]()) {
		return "a whole number"
	}
	return t.String()
}

// reason is the first line of an error of the YAML library, without its position and source.
func reason(err error) string {
	var typed *yaml.TypeError
	if errors.As(err, &typed) {
		return fmt.Sprintf("must be %s, not %s", kindOf(typed.DstType), kindOf(typed.SrcType))
	}
	text, _, _ := strings.Cut(yaml.FormatError(err, false, false), "\n")
	if _, after, ok := strings.Cut(text, "] "); ok && strings.HasPrefix(text, "[") {
		return after
	}
	return text
}
