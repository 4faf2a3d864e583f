package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/rogpeppe/go-internal/testscript"

	"analytics/engine/config"
	"analytics/engine/web"
)

// rooms in the order of the data: a folder imports only folders to its left.
var rooms = []string{"engine", "ingest", "rollup", "query", "report", "alerts", "retention"}

// allowed says what each room may import besides itself. An entry is a folder with all below it.
var allowed = map[string][]string{
	"engine":    {},
	"ingest":    {"engine"},
	"rollup":    {"engine", "ingest/enrich", "ingest/pricing"},
	"query":     {"engine", "rollup"},
	"report":    {"engine", "query"},
	"alerts":    {"engine", "query", "report/outbox", "report/discord"},
	"retention": {"engine", "rollup"},
}

// fences keep third-party code where it was let in; a trailing *.go pattern is a file name.
var fences = map[string][]string{
	"github.com/dgraph-io/badger":     {"engine"},
	"github.com/parquet-go":           {"engine/archive"},
	"github.com/apache/arrow":         {"engine", "rollup", "query"},
	"github.com/go-co-op/gocron":      {"engine/jobs"},
	"github.com/urfave/cli":           {"main.go", "cli.go", "_test.go"},
	"github.com/goccy/go-yaml":        {"engine/config"},
	"github.com/prometheus":           {"engine/web"},
	"github.com/DataDog/sketches-go":  {"rollup"},
	"github.com/axiomhq/hyperloglog":  {"rollup"},
	"github.com/mileusna/useragent":   {"ingest/enrich"},
	"github.com/phuslu/iploc":         {"ingest/enrich"},
	"github.com/tidwall/gjson":        {"ingest"},
	"go.opentelemetry.io/collector":   {"ingest/otlp"},
	"github.com/wneessen/go-mail":     {"report/email"},
	"github.com/emersion":             {"_test.go"},
	"github.com/modelcontextprotocol": {"query/mcp"},
	"github.com/google/jsonschema-go": {"query/mcp"},
}

// topLevel is all that stands beside the rooms.
var topLevel = []string{
	"main.go", "main_test.go", "go.mod", "go.sum", "README.md", "LICENSE", ".ci", ".github", ".git",
}

const (
	maxFile     = 400 // lines
	maxFunction = 70  // lines
	maxLine     = 120 // columns, a tab counted as four; 100 is the aim
)

// TestTidy is the wall of the house: what stands at the top, who imports whom, and how long a file
// and a function may be.
func TestTidy(t *testing.T) {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !slices.Contains(topLevel, e.Name()) && !slices.Contains(rooms, e.Name()) && tracked(e.Name()) {
			t.Errorf("%s does not belong at the top level", e.Name())
		}
	}
	eachFile(t, func(path string) {
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		if err != nil {
			t.Error(err)
			return
		}
		for _, spec := range file.Imports {
			name, _ := strconv.Unquote(spec.Path.Value)
			checkImport(t, path, name)
		}
		if n := fset.File(file.Pos()).LineCount(); n > maxFile {
			t.Errorf("%s has %d lines, over %d: two ideas in one file?", path, n, maxFile)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			n := fset.Position(f.End()).Line - fset.Position(f.Pos()).Line + 1
			if n > maxFunction {
				t.Errorf("%s: %s has %d lines, over %d", path, f.Name.Name, n, maxFunction)
			}
			if f.Name.Name == "init" {
				t.Errorf("%s has an init function", path)
			}
		}
		checkLines(t, path)
	})
}

// TestEveryPackageSaysWhatItOwns wants a doc.go, or a package comment, in every folder.
func TestEveryPackageSaysWhatItOwns(t *testing.T) {
	said := map[string]bool{}
	eachFile(t, func(path string) {
		if strings.HasSuffix(path, "_test.go") {
			return
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments|parser.PackageClauseOnly)
		if err != nil {
			t.Error(err)
			return
		}
		dir := filepath.Dir(path)
		said[dir] = said[dir] || file.Doc != nil
	})
	for dir, ok := range said {
		if !ok {
			t.Errorf("package %s has no comment that says what it owns", dir)
		}
	}
}

func tracked(name string) bool {
	out, err := exec.Command("git", "ls-files", "--", name).Output()
	return err == nil && len(out) > 0
}

func eachFile(t *testing.T, f func(path string)) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || d.Name() == ".git") {
			return filepath.SkipDir
		}
		if strings.HasSuffix(path, ".go") {
			f(filepath.ToSlash(path))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func checkImport(t *testing.T, path, name string) {
	t.Helper()
	room, _, _ := strings.Cut(path, "/")
	if own, ok := strings.CutPrefix(name, "analytics/"); ok && slices.Contains(rooms, room) {
		if !within(own, room) && !slices.ContainsFunc(allowed[room], func(a string) bool { return within(own, a) }) {
			t.Errorf("%s imports %s: a room imports only rooms to its left", path, own)
		}
	}
	for module, places := range fences {
		if !strings.HasPrefix(name, module) {
			continue
		}
		if !slices.ContainsFunc(places, func(p string) bool {
			return within(path, p) || strings.HasSuffix(p, ".go") && filepath.Base(path) == p ||
				strings.HasPrefix(p, "_") && strings.HasSuffix(path, p)
		}) {
			t.Errorf("%s imports %s, which is fenced to %s", path, name, strings.Join(places, ", "))
		}
	}
}

func within(path, folder string) bool {
	return path == folder || strings.HasPrefix(path, folder+"/")
}

// unfinished are words that say that work was left; spelled so that this file passes its own test.
var unfinished = []string{"TO" + "DO", "FIX" + "ME", "XX" + "X:", "HA" + "CK"}

func checkLines(t *testing.T, path string) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Error(err)
		return
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		for _, word := range unfinished {
			if strings.Contains(line, word) {
				t.Errorf("%s:%d says %s", path, n, word)
			}
		}
		long := len([]rune(strings.ReplaceAll(line, "\t", "    "))) > maxLine
		if long && !strings.ContainsAny(line, "`\"") { // a string may be one long literal
			t.Errorf("%s:%d is over %d columns", path, n, maxLine)
		}
	}
}

// TestMain lets the scripts run this binary as the command `analytics`.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"analytics": main})
}

// TestScripts runs the real command the way its README does. Beside what testscript has, scripts may
// say `ready DIR`, `call METHOD URL`, `keep NAME` and `code N COMMAND`.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join(".ci", "scripts"),
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("NO_COLOR", "1")
			env.Setenv("NOW", time.Now().UTC().Format(time.RFC3339))
			env.Setenv("TODAY", time.Now().UTC().Format(time.DateOnly))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"ready": ready, "call": call, "keep": keep, "code": code,
		},
	})
}

// ready waits until a server answers on the socket of a data folder, and keeps its address in $URL.
func ready(ts *testscript.TestScript, _ bool, args []string) {
	client := web.NewClient(ts.MkAbs(args[0]), nil)
	for range 1000 {
		if client.Running(context.Background()) {
			resp, err := client.Do(context.Background(), http.MethodPost, "/v1/dashboard/links", nil, "", nil)
			ts.Check(err)
			defer resp.Body.Close()
			link, err := io.ReadAll(resp.Body)
			ts.Check(err)
			ts.Setenv("URL", regexp.MustCompile(`http[^"]*:\d+`).FindString(string(link)))
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	ts.Fatalf("no server on %s", args[0])
}

// call sends a request: call [-key K] [-type T] [-pack gzip|zstd] METHOD URL [FILE]. What comes back
// is its standard output: a line with the status and the type, and the body.
func call(ts *testscript.TestScript, _ bool, args []string) {
	flags := flag.NewFlagSet("call", flag.ContinueOnError)
	key := flags.String("key", "", "")
	kind := flags.String("type", "application/json", "")
	pack := flags.String("pack", "", "")
	ts.Check(flags.Parse(args))
	var body bytes.Buffer
	if flags.NArg() > 2 {
		body.WriteString(ts.ReadFile(flags.Arg(2)))
	}
	switch plain := slices.Clone(body.Bytes()); *pack {
	case "gzip":
		body.Reset()
		packer := gzip.NewWriter(&body)
		_, err := packer.Write(plain)
		ts.Check(errors.Join(err, packer.Close()))
	case "zstd":
		packer, err := zstd.NewWriter(nil)
		ts.Check(err)
		body.Reset()
		body.Write(packer.EncodeAll(plain, nil))
	}
	r, err := http.NewRequest(flags.Arg(0), flags.Arg(1), &body)
	ts.Check(err)
	r.Header.Set("Content-Type", *kind)
	if *pack != "" {
		r.Header.Set("Content-Encoding", *pack)
	}
	if *key != "" {
		r.Header.Set("Authorization", "Bearer "+*key)
	}
	resp, err := http.DefaultClient.Do(r)
	ts.Check(err)
	defer resp.Body.Close()
	fmt.Fprintln(ts.Stdout(), resp.StatusCode, resp.Header.Get("Content-Type"),
		resp.Header.Get("Content-Disposition"))
	_, err = io.Copy(ts.Stdout(), resp.Body)
	ts.Check(err)
}

// keep keeps the last output, or what a pattern finds in it, in a variable.
func keep(ts *testscript.TestScript, _ bool, args []string) {
	text := strings.TrimSpace(ts.ReadFile("stdout"))
	if len(args) > 1 {
		found := regexp.MustCompile(args[1]).FindStringSubmatch(text)
		if found == nil {
			ts.Fatalf("nothing like %s in %s", args[1], text)
		}
		text = found[len(found)-1]
	}
	ts.Setenv(args[0], text)
}

// code runs a command that must end with that exit code.
func code(ts *testscript.TestScript, _ bool, args []string) {
	got, ended := 0, (*exec.ExitError)(nil)
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &ended) {
		got = ended.ExitCode()
	} else {
		ts.Check(err)
	}
	if strconv.Itoa(got) != args[0] {
		ts.Fatalf("exit code %d, want %s", got, args[0])
	}
}

// TestEveryHelpShowsAnExample asks each command for its help, as far down as they go.
func TestEveryHelpShowsAnExample(t *testing.T) {
	listed := regexp.MustCompile(`(?m)^ +([a-z]+)(?:  |$)`)
	var walk func(path ...string)
	walk = func(path ...string) {
		var out, says bytes.Buffer
		args := append(append([]string{"analytics"}, path...), "--help")
		if code := run(t.Context(), args, &out, &says); code != 0 {
			t.Fatalf("%s: exit code %d: %s", args, code, &says)
		}
		help := out.String()
		if !strings.Contains(help, "Example:") {
			t.Errorf("%s shows no example", args)
		}
		if _, commands, ok := strings.Cut(help, "\nCOMMANDS:\n"); ok {
			commands, _, _ = strings.Cut(commands, "OPTIONS:\n")
			for _, m := range listed.FindAllStringSubmatch(commands, -1) {
				walk(append(slices.Clone(path), m[1])...)
			}
		}
	}
	walk()
}

// TestExampleNamesEverySetting holds the example against the settings: each key of what `config
// show` prints is in it, and it loads as it stands.
func TestExampleNamesEverySetting(t *testing.T) {
	shown, err := config.Show(defaults())
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(shown) {
		key, _, _ := strings.Cut(strings.TrimSpace(line), ":")
		if !regexp.MustCompile(`(?m)^[ #{]*` + key + `:|[{,] ?` + key + `:`).MatchString(config.Example) {
			t.Errorf("the example does not name %s", key)
		}
	}
	path := filepath.Join(t.TempDir(), "analytics.yaml")
	if err := os.WriteFile(path, []byte(config.Example), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := config.Load(path, nil, defaults()); err != nil {
		t.Error(err)
	}
}
