package browsertest

import (
	"os"
	"testing"
)

// TestPictures takes pictures of a server that is there already: ANALYTICS_TEST_LINK is a login link
// of it, such as `analytics demo` prints, and ANALYTICS_TEST_SHOTS the folder.
func TestPictures(t *testing.T) {
	link := os.Getenv("ANALYTICS_TEST_LINK")
	if link == "" {
		t.Skip("ANALYTICS_TEST_LINK names no server")
	}
	h := &house{t: t, login: link}
	h.url = origin(link)
	b := browse(t, h)
	for _, id := range ids(b) {
		b.open("/?page=" + id)
		b.shoot(id)
	}
	b.look(1360, true)
	b.open("/")
	b.shoot("dark")
	b.look(390, false)
	for _, id := range []string{"overview", "costs", "requests"} {
		b.open("/?page=" + id)
		b.shoot("phone-" + id)
	}
}
