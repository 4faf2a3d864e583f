package door

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"analytics/engine/auth"
	"analytics/engine/store"
)

// TestTheTrailHasWhoGotAccess goes through all doors that give or take access.
func TestTheTrailHasWhoGotAccess(t *testing.T) {
	h := newHouse(t)
	admin, _ := h.key(t, store.Default, auth.Admin)
	said := ""
	do := func(method, path, body string) map[string]any {
		t.Helper()
		w := h.ask(method, path, body, "X-API-Key", admin)
		var got map[string]any
		if w.Code >= 300 || w.Body.Len() > 0 && json.Unmarshal(w.Body.Bytes(), &got) != nil {
			t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
		}
		return got
	}
	f := func(want string) {
		t.Helper()
		if len(h.trail) != 1 {
			t.Fatalf("%s: the trail has %v", want, h.trail)
		}
		e := h.trail[0]
		said += fmt.Sprint(e)
		if got := fmt.Sprint(e["category"], " ", e["action"], " by ", e["actor"], " ", e["outcome"]); got != want {
			t.Errorf("got %s, want %s; %v", got, want, e)
		}
		h.trail = nil
	}
	made := do("POST", "/v1/keys", `{"name":"web","scopes":["query"],"agent":"desk"}`)
	if p, _ := h.trail[0]["properties"].(map[string]any); h.trail[0]["target"] != made["id"] || p["scopes"] != "query" || p["bound_agent"] != "desk" {
		t.Errorf("%v", h.trail)
	}
	f("administration key_created by k success")
	again := do("POST", "/v1/keys/"+fmt.Sprint(made["id"])+"/rotate", "")
	f("administration key_rotated by k success")
	do("DELETE", "/v1/keys/"+fmt.Sprint(made["id"]), "")
	f("administration key_revoked by k success")
	do("PUT", "/v1/dashboard/users/Anna", `{"password":"`+phrase+`"}`)
	f("administration user_set by k success")
	link := do("POST", "/v1/dashboard/links", "")
	f("administration login_link_created by k success")
	share := do("POST", "/v1/dashboard/shares", `{"site":"a.example"}`)
	f("administration share_created by k success")
	_ = h.post(url.Values{"name": {"anna"}, "password": {"wrong " + phrase}})
	f("authentication login_failed by anna failure")
	_ = h.post(url.Values{"name": {phrase}, "password": {phrase}})
	if len(h.trail) != 0 {
		t.Errorf("each failure is told: %v", h.trail)
	}
	_ = h.cookie(t, h.post(url.Values{"name": {"anna"}, "password": {phrase}}), "/")
	f("authentication login by anna success")
	token := func(made map[string]any, name string) string {
		u, err := url.Parse(fmt.Sprint(made["url"]))
		if err != nil {
			t.Fatal(err)
		}
		return u.Query().Get(name)
	}
	_ = h.cookie(t, h.post(url.Values{"token": {token(link, "token")}}), "/")
	f("authentication login by k success")
	_ = h.cookie(t, h.post(url.Values{"share": {token(share, "share")}}), "/")
	do("DELETE", "/v1/dashboard/shares/"+fmt.Sprint(share["id"]), "")
	f("administration share_ended by k success")
	do("DELETE", "/v1/dashboard/users/anna", "")
	f("administration user_removed by k success")
	if w := h.ask("DELETE", "/v1/keys/nothing", "", "X-API-Key", admin); w.Code != http.StatusNotFound || len(h.trail) > 0 {
		t.Errorf("%d, and the trail has %v", w.Code, h.trail)
	}
	noneOf(t, said, phrase, fmt.Sprint(made["secret"]), fmt.Sprint(again["secret"]), token(link, "token"), token(share, "share"))
}

func noneOf(t *testing.T, said string, secrets ...string) {
	t.Helper()
	for _, secret := range secrets {
		if strings.Contains(said, secret) {
			t.Errorf("the trail has the secret %q", secret)
		}
	}
}

func TestANameThatIsNobodysIsNotInTheTrail(t *testing.T) {
	h := newHouse(t)
	_ = h.post(url.Values{"name": {phrase}, "password": {phrase}})
	if len(h.trail) != 1 || strings.Contains(fmt.Sprint(h.trail), phrase) || h.trail[0]["action"] != "login_failed" {
		t.Errorf("%v", h.trail)
	}
}
