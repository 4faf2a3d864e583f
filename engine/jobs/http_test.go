package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"analytics/engine/web"
)

func TestJobsOverHTTP(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c clock
		var ran []Period
		broken := false
		w := open(t, t.TempDir(), &c, Job{Name: "daily_cost_report", About: "sends the costs",
			When: Daily(8, 0, time.UTC, Newest), Run: func(_ context.Context, p Period) error {
				ran = append(ran, p)
				if broken {
					return errors.New("secret detail")
				}
				return nil
			}})
		defer w.close()
		mux := web.NewMux(web.Options{})
		w.Routes(mux)
		ask := func(method, path string, local bool) (int, string) {
			r := httptest.NewRequest(method, path, nil)
			if local {
				r = r.WithContext(web.AsLocal(r.Context()))
			}
			answer := httptest.NewRecorder()
			mux.ServeHTTP(answer, r)
			return answer.Code, answer.Body.String()
		}
		if code, _ := ask("POST", "/v1/jobs/daily_cost_report/run", false); code != http.StatusUnauthorized {
			t.Errorf("without a key: got %d", code)
		}
		if code, _ := ask("POST", "/v1/jobs/nothing/run", true); code != http.StatusNotFound {
			t.Errorf("an unknown job: got %d", code)
		}
		if code, body := ask("POST", "/v1/jobs/daily_cost_report/run", true); code != http.StatusOK {
			t.Errorf("got %d %s", code, body)
		}
		yesterday := c.now().UTC().AddDate(0, 0, -1).Format(time.DateOnly)
		if c.now().UTC().Hour() < 8 {
			yesterday = c.now().UTC().AddDate(0, 0, -2).Format(time.DateOnly)
		}
		if len(ran) != 1 || !ran[0].Manual || ran[0].Key != yesterday {
			t.Errorf("it ran for %+v, want %s", ran, yesterday)
		}
		broken = true
		if code, body := ask("POST", "/v1/jobs/daily_cost_report/run", true); code != 500 {
			t.Errorf("a failure: got %d %s", code, body)
		}
		_, body := ask("GET", "/v1/jobs", true)
		var list struct{ Jobs []Status }
		if err := json.Unmarshal([]byte(body), &list); err != nil || len(list.Jobs) != 1 {
			t.Fatalf("got %s, %v", body, err)
		}
		j := list.Jobs[0]
		if j.Last.State != Failed || j.Last.Error == "" || j.Schedule != "daily at 08:00 UTC" ||
			j.Running || len(j.Periods) != 1 || !j.Next.After(c.now()) {
			t.Errorf("got %+v", j)
		}
	})
}

// When a job is due next is a moment, however often it is asked for, and no promise where nothing runs.
func TestNextIsWhenItWillRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c clock
		ran := 0
		w := open(t, t.TempDir(), &c, Job{Name: "seal", When: Every(time.Minute),
			Run: func(context.Context, Period) error { ran++; return nil }})
		start := c.now()
		next := func() time.Duration {
			t.Helper()
			list, err := w.List()
			if err != nil || len(list) != 1 {
				t.Fatalf("got %v, %v", list, err)
			}
			if list[0].Next.IsZero() {
				return 0
			}
			return list[0].Next.Sub(start)
		}
		time.Sleep(20 * time.Second)
		synctest.Wait()
		if got := next(); ran != 1 || got != time.Minute {
			t.Errorf("20 s after the start it ran %d times and is due after %s, want once and 1m", ran, got)
		}
		if err := w.Run(context.Background(), "seal"); err != nil || ran != 2 {
			t.Errorf("it ran %d times, %v", ran, err)
		}
		if got := next(); got != time.Minute {
			t.Errorf("asked for in between, it is due after %s, want 1m", got)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := next(); ran != 3 || got != 2*time.Minute {
			t.Errorf("80 s after the start it ran %d times and is due after %s, want 3 times and 2m", ran, got)
		}
		if err := w.Stop(); err != nil {
			t.Error(err)
		}
		if got := next(); got != 0 {
			t.Errorf("when it has stopped it is due after %s", got)
		}
		if err := w.store.Close(); err != nil {
			t.Error(err)
		}
	})
}
