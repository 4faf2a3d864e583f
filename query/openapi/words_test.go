package openapi

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"analytics/query"
)

// composed are the files whose routes are put together while the program runs; words.txt has them one by
// one.
var composed = []string{"query/http.go", "ingest/tracker/door.go", "ingest/compat/door.go", "ingest/otlp/door.go",
	"report/dashboard/http.go"}

// found is a route as it stands in the source.
type found struct{ pattern, at string }

// source is all Go files of a folder, without tests.
type source struct {
	set   *token.FileSet
	files map[string][]*ast.File // by folder
}

func readSource(t *testing.T) source {
	t.Helper()
	s := source{token.NewFileSet(), map[string][]*ast.File{}}
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() && (e.Name() == "testdata" || e.Name() == ".git") {
			return cmpErr(err, filepath.SkipDir)
		}
		if e.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(s.set, path, nil, 0)
		if err == nil { // one that somebody is writing is no file yet
			dir, _ := filepath.Rel(root, filepath.Dir(path))
			s.files[filepath.ToSlash(dir)] = append(s.files[filepath.ToSlash(dir)], file)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func cmpErr(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}

// routes lists the routes that are given to a mux, and where the pattern is none that can be read.
func (s source) routes() (all []found, unread []string) {
	for dir, files := range s.files {
		known := constants(files)
		for _, file := range files {
			ast.Inspect(file, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok || len(call.Args) < 3 {
					return true
				}
				f, ok := call.Fun.(*ast.SelectorExpr)
				if !ok || f.Sel.Name != "Pass" && !strings.HasPrefix(f.Sel.Name, "Handle") {
					return true
				}
				p := s.set.Position(call.Pos())
				at := fmt.Sprintf("%s/%s:%d", dir, filepath.Base(p.Filename), p.Line)
				if text := fold(call.Args[0], known); strings.Contains(text, "/") {
					all = append(all, found{text, at})
				} else {
					unread = append(unread, at)
				}
				return true
			})
		}
	}
	return all, unread
}

// constants are the texts of a package that are constants of their own.
func constants(files []*ast.File) map[string]string {
	known := map[string]string{}
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok {
				for i, v := range spec.Values {
					if text := fold(v, known); text != "" && i < len(spec.Names) {
						known[spec.Names[i].Name] = text
					}
				}
			}
			return true
		})
	}
	return known
}

// fold is the text that an expression is, empty if it is none that stands there.
func fold(e ast.Expr, known map[string]string) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			return constant.StringVal(constant.MakeFromLiteral(e.Value, e.Kind, 0))
		}
	case *ast.Ident:
		return known[e.Name]
	case *ast.BinaryExpr:
		x, y := fold(e.X, known), fold(e.Y, known)
		if x != "" && y != "" {
			return x + y
		}
	}
	return ""
}

// TestPathsDifferByMoreThanAName: a document in which two paths are alike but for a parameter's name is not valid.
func TestPathsDifferByMoreThanAName(t *testing.T) {
	said, err := readWords(wordsText)
	if err != nil {
		t.Fatal(err)
	}
	var patterns []string
	for pattern := range said {
		patterns = append(patterns, pattern)
	}
	for _, v := range query.Verbs() {
		patterns = append(patterns, "GET "+v.Path(), "GET "+v.ByID())
	}
	name := regexp.MustCompile(`\{[^}]*\}`)
	first := map[string]string{}
	for _, pattern := range patterns {
		_, path, _ := strings.Cut(pattern, " ")
		path = strings.ReplaceAll(path, "...}", "}") // a document has no such
		shape := name.ReplaceAllString(path, "{}")
		if other, ok := first[shape]; ok && other != path {
			t.Errorf("%s and %s are the same path; call the parameter the same", other, path)
		}
		first[shape] = path
	}
}

// TestEveryRouteHasWords fails for a route without a description, parameters and answer, and says
// what to write where.
func TestEveryRouteHasWords(t *testing.T) {
	said, err := readWords(wordsText)
	if err != nil {
		t.Fatal(err)
	}
	isQuestion := map[string]bool{"GET /v1/events": true}
	for _, v := range query.Verbs() {
		isQuestion["GET "+v.Path()], isQuestion["GET "+v.ByID()] = true, true
	}
	s := readSource(t)
	all, unread := s.routes()
	for _, f := range all {
		if pages[f.pattern] || isQuestion[f.pattern] || strings.HasPrefix(f.pattern, "OPTIONS ") {
			continue
		}
		if said[f.pattern] == nil {
			t.Errorf("%s: the route %s has no words. Add a block to query/openapi/words.txt that begins with the "+
				"line\n%s\nand says what it does (= …), its parameters (? name help), the fields of its body (> name "+
				"type help) and of its answer (< name type help); the head of the file explains them.", f.at, f.pattern,
				f.pattern)
		}
	}
	for _, at := range unread {
		file, _, _ := strings.Cut(at, ":")
		if !slices.Contains(composed, file) {
			t.Errorf("%s: this route's pattern is put together; write it as a text or a sum of constants, or add the "+
				"file to composed in query/openapi/words_test.go and its routes to words.txt", at)
		}
	}
	if len(all) < 80 {
		t.Errorf("only %d routes were found", len(all))
	}
	for pattern, w := range said {
		if w.says == "" || len(w.answer) == 0 {
			t.Errorf("words.txt:%d: %s lacks what it does (=) or its answer (<)", w.line, pattern)
		}
		if d := strings.Count(w.says, "\n"); d > 0 || len(w.says) > 120 {
			t.Errorf("words.txt:%d: one short line is enough", w.line)
		}
		is := func(f found) bool { return f.pattern == pattern }
		if _, path, _ := strings.Cut(pattern, " "); !slices.ContainsFunc(all, is) && !s.mentions(path, pattern) {
			t.Errorf("words.txt:%d: there is no route %s any more; take its block out", w.line, pattern)
		}
	}
}

// mentions reports whether a text of the source is one of these.
func (s source) mentions(texts ...string) bool {
	there := false
	for _, files := range s.files {
		for _, file := range files {
			ast.Inspect(file, func(n ast.Node) bool {
				if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					text := fold(lit, nil)
					there = there || len(text) > 3 && slices.ContainsFunc(texts, func(t string) bool {
						return strings.HasSuffix(t, text)
					})
				}
				return !there
			})
		}
	}
	return there
}

func TestWordsAreRead(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		all, err := readWords(text)
		got := fmt.Sprint(err)
		if err == nil {
			w := all["GET /x"]
			got = fmt.Sprint(w.says, w.parameters, w.body, w.answer, w.status)
		}
		if !strings.Contains(got, want) {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
	f("# none\nGET /x\n= Do it\n? a what\n> b! text c d\n! 201\n< = nothing", "Do it[{a  what false}] [{b text c d true}] "+
		"[{= nothing  false}]201")
	f("GET /x\n= a\n\nGET /x\n= b", "words.txt:4: this route is described twice")
	f("= a", "before the first route")
	f("POST /y\nGET /x\n= both\n< = Taken", "both[] [] [{= Taken  false}]200")
	f("GET /x\n< a decimal", `there is no type "decimal"`)
	f("GET /x\n! good", "no status")
	f("GET /x\n* what", "begins with")
}
