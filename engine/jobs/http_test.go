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
