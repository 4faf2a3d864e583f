package query

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestWatchDrawsWithEachTickUntilItIsStopped(t *testing.T) {
	f := func(height func() int, want string) {
		t.Helper()
		ctx, cancel := context.WithCancel(context.Background())
		tick := make(chan time.Time, 2)
		tick <- time.Time{}
		tick <- time.Time{}
		var out bytes.Buffer
		n := 0
		err := watch(ctx, &out, height, tick, func(w io.Writer) error {
			if n++; n == 3 {
				cancel()
			}
			_, err := fmt.Fprintln(w, n)
			return err
		})
		if err != nil || out.String() != want {
			t.Errorf("%v, %q, want %q", err, out.String(), want)
		}
	}
	f(nil, "1\n\n2\n\n3\n")
	drawn := func(n string) string { return home + n + lineEnd + clearEnd }
	f(func() int { return 24 }, drawn("1")+drawn("2")+drawn("3"))
}

// TestAWatchedPageStaysOnTheScreen: a page that is longer than the window would run away with each drawing.
func TestAWatchedPageStaysOnTheScreen(t *testing.T) {
	f := func(height int, want ...string) {
		t.Helper()
		var out bytes.Buffer
		err := replace(&out, height, func(w io.Writer) error {
			_, err := io.WriteString(w, "1\n2\n3\n4\n5\n")
			return err
		})
		if all := home + strings.Join(want, lineEnd) + lineEnd + clearEnd; err != nil || out.String() != all {
			t.Errorf("%d lines: %v, %q, want %q", height, err, out.String(), all)
		}
	}
	f(6, "1", "2", "3", "4", "5")
	f(5, "1", "2", "3", "… 2 more lines, in a taller window")
	f(0, "1", "2", "3", "4", "5")
}

func TestWatchEndsWithTheFirstError(t *testing.T) {
	broken := errors.New("broken")
	err := watch(context.Background(), io.Discard, nil, nil, func(io.Writer) error { return broken })
	if !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}

// TestShellsAreOfferedWhatAVerbTakes: what is offered after --by and --filter is answered, not refused.
func TestShellsAreOfferedWhatAVerbTakes(t *testing.T) {
	w := newWorld(t, Config{})
	for i := range verbs {
		v := &verbs[i]
		if v.Trail || v.Table != nil || v.Operand == "id" || v.Group == "query" {
			continue
		}
		for _, param := range []string{"by", "filter"} {
			if !slices.ContainsFunc(v.Params(), func(p Param) bool { return p.Name == param }) {
				continue
			}
			offered := v.values(param)
			if len(offered) == 0 {
				t.Errorf("%s: nothing is offered for %s", v.Path(), param)
			}
			for _, name := range offered {
				value := name
				if param == "filter" {
					value += "!=\"\""
				}
				status, _, body := w.ask("GET", v.Path()+"?"+url.Values{param: {value}}.Encode())
				if status != http.StatusOK && !strings.Contains(body, "no_matching_type") {
					t.Errorf("%s is offered --%s %s: %d %.200s", v.Path(), param, name, status, body)
				}
			}
		}
	}
}

func TestShellsAreOfferedValuesOfFlags(t *testing.T) {
	f := func(path, last string, want ...string) {
		t.Helper()
		for i := range verbs {
			if v := &verbs[i]; v.Path() == path {
				var out bytes.Buffer
				got := v.complete(&out, last)
				if got != (len(want) > 0) {
					t.Errorf("%s %s offers %q", path, last, out.String())
				}
				for _, w := range want {
					if !strings.Contains("\n"+out.String(), "\n"+w+"\n") {
						t.Errorf("%s %s does not offer %s", path, last, w)
					}
				}
				return
			}
		}
		t.Errorf("there is no %s", path)
	}
	f("/v1/costs/breakdown", "--by", "model", "agent")
	none := func(path, last, unwanted string) {
		t.Helper()
		for i := range verbs {
			if v := &verbs[i]; v.Path() == path && slices.Contains(v.values(last), unwanted) {
				t.Errorf("%s --%s offers %s", path, last, unwanted)
			}
		}
	}
	none("/v1/costs/breakdown", "by", "landing_page")
	none("/v1/traffic/sources", "by", "model")
	none("/v1/audit/list", "filter", "country")
	f("/v1/costs/breakdown", "--group-by", "day")
	f("/v1/costs/breakdown", "--limit")
	f("/v1/costs/breakdown", "breakdown")
	f("/v1/events/list", "--type", "page_view")
	f("/v1/events/list", "--by")
	f("/v1/audit/list", "--severity", "critical")
	f("/v1/funnels/show", "--by", "channel", "country")
	f("/v1/funnels/show", "--per", "session")
	f("/v1/content/popular", "--filter", "path", "content_id")
	f("/v1/traffic/quality", "--filter", "landing_page", "channel")
	f("/v1/traffic/bots", "--panel", "reasons")
	f("/v1/requests/stats", "--include-bots")
	f("/v1/traffic/sources", "--model")
}

// TestExamplesAreWhatAShellTakes: what is no word of its own stands in quotes.
func TestExamplesAreWhatAShellTakes(t *testing.T) {
	for i := range verbs {
		bare := regexp.MustCompile(`'[^']*'`).ReplaceAllString(verbs[i].Example, "")
		if strings.ContainsAny(bare, "'\"\\;<>|&*?$`()[]{}~#!") {
			t.Errorf("a shell reads %s otherwise", verbs[i].Example)
		}
	}
}
