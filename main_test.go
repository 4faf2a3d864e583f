package main

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/urfave/cli/v2"

	"analytics/engine/config"
	"analytics/engine/process"
	"analytics/engine/process/script"
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
	"github.com/oschwald":             {"ingest/enrich/geo"},
	"github.com/wcharczuk/go-chart":   {"report/chart"},
	"github.com/golang/freetype":      {"report/chart"},
	"golang.org/x/crypto":             {"engine/auth"},
	"github.com/minio/minio-go":       {"retention/depot"},
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

var update = flag.Bool("update", false, "write what the help says into .ci/help.txt")

// TestMain lets the scripts run this binary as the command `analytics`.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"analytics": main})
}

// TestScripts runs the real command the way its README does.
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
		Cmds: script.Commands(),
	})
}

// tree is the program with commands that only note that they were taken, by which path, with what.
func tree() (app *cli.App, each func(f func(path string, c *cli.Command)), taken *[]string) {
	p := &program{client: web.NewClient("", nil)}
	app = &cli.App{Name: "analytics", Commands: p.verbs(), ErrWriter: io.Discard,
		ExitErrHandler: func(*cli.Context, error) {}}
	for _, name := range []string{"data", "config", "listen", "log-level"} {
		app.Flags = append(app.Flags, &cli.StringFlag{Name: name})
	}
	taken = new([]string)
	var walk func(path string, commands []*cli.Command, f func(path string, c *cli.Command))
	walk = func(path string, commands []*cli.Command, f func(path string, c *cli.Command)) {
		for _, c := range commands {
			if c.Name != "help" { // the library's own
				f(path+" "+c.Name, c)
				walk(path+" "+c.Name, c.Subcommands, f)
			}
		}
	}
	each = func(f func(path string, c *cli.Command)) { walk("analytics", app.Commands, f) }
	each(func(path string, c *cli.Command) {
		if c.Before = nil; c.Action != nil {
			c.Action = func(x *cli.Context) error { *taken = append([]string{path}, x.Args().Slice()...); return nil }
		}
	})
	return process.Explain(app), each, taken
}

// TestEveryExampleIsTaken: each command must say what it is for and show an example of itself, and
// the program must take every example that it shows: there is such a verb, it has those flags and
// takes arguments, and what must be given is.
func TestEveryExampleIsTaken(t *testing.T) {
	app, each, taken := tree()
	app.Writer = io.Discard
	arguments := map[string]string{}
	each(func(path string, c *cli.Command) { arguments[path] = c.ArgsUsage })
	each(func(path string, c *cli.Command) {
		if c.Usage == "" {
			t.Errorf("%s does not say what it is for", path)
		}
		own := false
		for _, words := range examples(c.Description) {
			*taken = nil
			err := app.RunContext(t.Context(), process.Arrange(app, words))
			if err != nil || len(*taken) == 0 || len(*taken) > 1 && arguments[(*taken)[0]] == "" {
				t.Errorf("%s shows %q, which is not taken: %v, %q", path, words, err, *taken)
				continue
			}
			by := (*taken)[0] + " " // `analytics trace ID` is `analytics trace show ID`
			own = own || strings.HasPrefix(by, path+" ") || strings.HasPrefix(path, by)
		}
		if !own {
			t.Errorf("%s shows no example of itself", path)
		}
	})
}

// examples are the command lines in a description, as a shell would split them.
func examples(description string) (all [][]string) {
	_, shown, _ := strings.Cut(description, "Example:")
	begin := regexp.MustCompile(`(?m)(?:^ *|[(|] *|-- )(analytics) `)
	for _, at := range begin.FindAllStringSubmatchIndex(shown, -1) {
		var words []string
		word, quote := "", rune(0)
		for _, r := range shown[at[2]:] + "\n" {
			if quote == 0 && strings.ContainsRune(" \n|)>;&", r) {
				if word != "" {
					words, word = append(words, word), ""
				}
				if r != ' ' {
					break
				}
			} else if quote == 0 && (r == '\'' || r == '"') {
				quote = r
			} else if quote == r {
				quote = 0
			} else {
				word += string(r)
			}
		}
		all = append(all, words)
	}
	return all
}

// TestHelpIsAsItWas holds the help of every command against .ci/help.txt, so that a change of what
// people type and read is seen in review; -update writes it.
func TestHelpIsAsItWas(t *testing.T) {
	app, each, _ := tree()
	var all bytes.Buffer
	app.Writer = &all
	each(func(path string, _ *cli.Command) {
		fmt.Fprintf(&all, "$ %s --help\n", path)
		if err := app.RunContext(t.Context(), append(strings.Fields(path), "--help")); err != nil {
			t.Error(err)
		}
		all.WriteByte('\n')
	})
	golden := filepath.Join(".ci", "help.txt")
	if *update {
		if err := os.WriteFile(golden, all.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	was := strings.Split(string(want), "\n")
	for i, line := range strings.Split(all.String(), "\n") {
		if i >= len(was) || was[i] != line {
			t.Fatalf("%s:%d: the help is %q now; if it should, go test . -run Help -update", golden, i+1, line)
		}
	}
	if !bytes.Equal(want, all.Bytes()) {
		t.Errorf("%s has the help of a command that is gone; go test . -run Help -update", golden)
	}
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
