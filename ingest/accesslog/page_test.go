package accesslog

import (
	"fmt"
	"strings"
	"testing"
)

// TestScannersPathsAreKept has requests that are no page views but for what they ask for.
func TestScannersPathsAreKept(t *testing.T) {
	for line, want := range map[string]int{
		"POST /wp-login.php 404":            1,
		"POST /wp-login.php 200":            0, // somebody's own administration
		"GET /wp-admin/ 302":                0, // as above: to its login
		"GET /.env 404":                     1,
		"GET /.env 301":                     1, // to https
		"GET /x/%2egit/config 404":          1,
		"GET /config.json 404":              1,
		"GET /feed.json 404":                0,
		"POST /blog/wp-admin-guide 404":     0,
		"POST /phpunit-tutorial 404":        0,
		"GET /api/../../etc/passwd 400":     1,
		"GET /files/backup.sql 404":         1,
		"GET /files/backup.zip 404":         0,
		"GET /articles/phpinfo.php/zip 500": 1,
	} {
		part := strings.Fields(line)
		text := fmt.Sprintf(`203.0.113.9 - - [21/Nov/2025:10:00:00 +0100] "%s %s HTTP/1.1" %s 5 "-" "Mozilla/5.0"`+"\n",
			part[0], part[1], part[2])
		if _, sum := read(t, "nginx", "", text); sum.Views != want {
			t.Errorf("%s: got %d views, want %d: %+v", line, sum.Views, want, sum)
		}
	}
}
