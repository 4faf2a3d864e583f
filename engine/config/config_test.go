package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

type inner struct {
	Days    int           `yaml:"retention_days"`
	Limit   Decimal       `yaml:"limit"`
	Timeout time.Duration `yaml:"timeout"`
	Hook    Secret        `yaml:"hook"`
}

func (i *inner) Validate() error {
	var all []error
	if i.Days < 1 {
		all = append(all, errors.New("retention_days must be at least 1"), errors.New("or more"))
	}
	if _, err := i.Limit.Scaled(9); err != nil {
		all = append(all, fmt.Errorf("limit: %w", err))
	}
	return errors.Join(all...)
}

type price struct {
	Input Decimal `yaml:"input"`
}

type root struct {
	Data      string           `yaml:"data"`
	Analytics inner            `yaml:"analytics"`
	Prices    map[string]price `yaml:"prices"`
	Rules     []price          `yaml:"rules"`
	Allow     []string         `yaml:"allow"`
}

func load(t *testing.T, text string, environ ...string) (root, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "analytics.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	r := root{Data: "./data", Analytics: inner{Days: 90, Timeout: time.Second}}
	return r, Load(path, environ, &r)
}

func TestFileOverDefaultsAndEnvironmentOverFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "analytics.yaml")
	text := "analytics:\n  limit: 100.10\n  timeout: 15m\n  hook: https://x/${TOKEN}\n" +
		"prices:\n  gpt-4.1: {input: 0.01}\nrules:\n  - {input: 1}\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	r := root{Data: "./data", Analytics: inner{Days: 90}}
	if err := Load("", []string{"ANALYTICS_DATA=", "ANALYTICS_RETENTION_DAYS="}, &r); err != nil ||
		r.Data != "./data" || r.Analytics.Days != 90 {
		t.Fatalf("empty variables set %q and %d, %v", r.Data, r.Analytics.Days, err)
	}
	err := Load(path, []string{
		"TOKEN=abc", "ANALYTICS_DATA=/srv", "ANALYTICS_RETENTION_DAYS=7", "ANALYTICS_ALLOW=[a, b]",
	}, &r)
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(r.Data, r.Analytics.Days, r.Analytics.Limit, r.Analytics.Timeout,
		string(r.Analytics.Hook), r.Prices["gpt-4.1"].Input, r.Rules[0].Input, r.Allow)
	if want := "/srv7 100.10 15m0shttps://x/abc0.01 1 [a b]"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if n, err := r.Analytics.Limit.Scaled(9); n != 100_100_000_000 || err != nil {
		t.Errorf("100.10 is %d nano, %v", n, err)
	}
	shown, err := Show(r)
	if err != nil || strings.Contains(shown+fmt.Sprintf("%v %+v %#v", r, r, r), "abc") {
		t.Errorf("a secret is shown: %v\n%s", err, shown)
	}
	if !strings.Contains(shown, redacted) {
		t.Errorf("nothing is redacted:\n%s", shown)
	}
}

func TestAllProblemsComeAtOnce(t *testing.T) {
	_, err := load(t, "dta: x\nanalytics:\n  retention_days: many\n  limit: ten\n  hook: ${NOT_THERE}\n"+
		"  retention_day: 3\nprices:\n  m: {inputs: 1}\nrules:\n  - {input: x}\n",
		"ANALYTICS_RETENTION_DAYS=0")
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		`line 1: unknown key "dta"; did you mean data?`,
		"line 3: analytics.retention_days: must be a whole number, not a text",
		"line 4: analytics.limit", `"ten" is not a number`,
		"analytics.hook: the environment has no NOT_THERE",
		`line 6: unknown key "analytics.retention_day"; did you mean retention_days?`,
		`line 8: unknown key "prices.m.inputs"; did you mean input?`,
		"line 10: rules[0].input",
		"analytics: retention_days must be at least 1\n", "analytics: or more",
	} {
		if strings.Count(err.Error(), want) != 1 {
			t.Errorf("the error does not say %q once", want)
		}
	}
	if t.Failed() {
		t.Log(err)
	}
}

func TestBrokenFilesAreNamed(t *testing.T) {
	if _, err := load(t, "analytics: [\n"); err == nil || !strings.Contains(err.Error(), "analytics.yaml") {
		t.Errorf("got %v", err)
	}
	if err := Load("no/such/file", nil, &root{}); err == nil {
		t.Error("a missing file is no error")
	}
	if r, err := load(t, ""); err != nil || r.Data != "./data" {
		t.Errorf("an empty file: %+v, %v", r, err)
	}
	if _, err := load(t, "data: a\ndata: b\n"); err == nil {
		t.Error("a key twice is no error")
	}
}

func TestWhatMayBeLeftOutIsAPointer(t *testing.T) {
	var s struct {
		Rules []struct {
			Threshold *float64 `yaml:"threshold"`
			Enabled   *bool    `yaml:"enabled"`
		} `yaml:"rules"`
	}
	path := filepath.Join(t.TempDir(), "analytics.yaml")
	text := "rules:\n  - {threshold: 2000, enabled: false}\n  - threshold:\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Load(path, nil, &s); err != nil {
		t.Fatal(err)
	}
	first, second := s.Rules[0], s.Rules[1]
	if first.Threshold == nil || *first.Threshold != 2000 || first.Enabled == nil || *first.Enabled ||
		second.Threshold != nil || second.Enabled != nil {
		t.Errorf("got %+v and %+v", first, second)
	}
}
