package backup

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"analytics/engine/auth"
	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/engine/web"
	"analytics/retention/depot"
	"analytics/retention/erasures"
)

// door is the house's routes, and who asks from this machine.
func (h *house) door(s Settings) (*web.Mux, *web.Client) {
	keys, err := auth.Open(h.t.Context(), h.store, time.Now)
	if err != nil {
		h.t.Fatal(err)
	}
	mux := web.NewMux(web.Options{Keys: keys})
	d := NewDoor(h.store, Config{Settings: s, Data: h.dir, Now: h.time,
		Erasures: func() ([]erasures.Erasure, error) { return nil, nil }, Log: h.options().Log})
	d.Routes(mux)
	return mux, web.NewClient(h.t.TempDir(), func(context.Context) (http.Handler, func() error, error) {
		return mux, nil, nil
	})
}

func TestTheDoorMakesAndListsBackups(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.lived()
	if err := h.store.Shelf(store.Default, "keys").Delete(t.Context(), "key/x"); err != nil {
		t.Fatal(err)
	}
	_, client := h.door(Settings{Folder: h.place.String()})
	resp, err := client.Do(t.Context(), "POST", "/v1/backups", nil, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	m, err := web.FollowStages[Made](&strings.Builder{}, resp.Body)
	if err != nil || m.Events == 0 || m.Incremental {
		t.Fatalf("made %+v, %v", m, err)
	}
	h.whole(m.ID)
	var all list
	if err := client.JSON(t.Context(), "GET", "/v1/backups", nil, nil, &all); err != nil || len(all.Backups) != 1 ||
		all.Backups[0].ID != m.ID {
		t.Errorf("listed %+v, %v", all, err)
	}
	f := func(query url.Values, code string) {
		t.Helper()
		if _, err := client.Do(t.Context(), "POST", "/v1/backups", query, "", nil); fault.Of(err).Code != code {
			t.Errorf("%v: %v, want %s", query, err, code)
		}
	}
	f(url.Values{"incremental": {"maybe"}}, "invalid_value")
	f(url.Values{"too": {"x"}}, "unknown_parameter")
}

// TestAKeyIsNoWayToWriteFiles: who comes over the network gets the place of the settings and no other.
func TestAKeyIsNoWayToWriteFiles(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	d := NewDoor(h.store, Config{Settings: Settings{Folder: h.place.String()}})
	to := filepath.Join(t.TempDir(), "elsewhere")
	r := web.WithIdentity(httptest.NewRequest("POST", "/v1/backups?to="+url.QueryEscape(to), nil),
		auth.Identity{Tenant: store.Default, KeyID: "k", Scopes: auth.Scopes{auth.Admin}})
	if err := d.post(httptest.NewRecorder(), r); fault.Of(err).Code != "place_not_allowed" {
		t.Errorf("a key named a place: %v", err)
	}
	if _, err := os.Stat(to); err == nil {
		t.Error("and it was made")
	}
	if _, err := (Settings{}).place(""); fault.Of(err).Code != "no_place" {
		t.Errorf("no place: %v", err)
	}
}

func TestAPlaceIsOfOneBackupOrOfMany(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.lived()
	first := h.create(false)
	second := h.create(false)
	f := func(place, want string) {
		t.Helper()
		b, err := find(t.Context(), place, depot.Means{})
		if err != nil || b.Manifest.ID != want {
			t.Errorf("%s is %v, %v; want %s", place, b, err, want)
		}
	}
	f(h.place.String(), second.ID)
	f(h.place.String()+"/", second.ID)
	f(filepath.Join(h.place.String(), first.ID), first.ID)
	if _, err := find(t.Context(), t.TempDir(), depot.Means{}); fault.Of(err).Code != "no_backup" {
		t.Errorf("an empty folder: %v", err)
	}
}

// TestABucketIsReachedAsThatOfTheArchive where the settings say no other way, and nothing of it goes to
// another store.
func TestABucketIsReachedAsThatOfTheArchive(t *testing.T) {
	t.Parallel()
	lake := depot.Means{S3: depot.S3{Endpoint: "https://a", Region: "r", Bucket: "lake", AccessKey: "k",
		SecretKey: "s", PathStyle: true}}
	f := func(own, want depot.S3) {
		t.Helper()
		if got := (Settings{S3: own}).means(lake).S3; got != want {
			t.Errorf("%+v with the archive's is %+v, want %+v", own, got, want)
		}
	}
	f(depot.S3{}, depot.S3{Endpoint: "https://a", Region: "r", AccessKey: "k", SecretKey: "s", PathStyle: true})
	f(depot.S3{Bucket: "b"}, depot.S3{Endpoint: "https://a", Region: "r", Bucket: "b", AccessKey: "k",
		SecretKey: "s", PathStyle: true})
	f(depot.S3{Bucket: "b", AccessKey: "o", SecretKey: "p"}, depot.S3{Endpoint: "https://a", Region: "r",
		Bucket: "b", AccessKey: "o", SecretKey: "p", PathStyle: true})
	f(depot.S3{Bucket: "b", Endpoint: "https://b"}, depot.S3{Endpoint: "https://b", Bucket: "b"})
}
