package enrich

import "testing"

func TestScannersPathsAreWholeParts(t *testing.T) {
	for path, want := range map[string]suspicion{
		"/wp-admin": adminPath, "/wp-admin/": adminPath, "/blog/wp-admin/index.php": adminPath, "/WP-Admin": adminPath,
		"/wp-admin;x=1": adminPath, "/%77p-admin": adminPath, `/a\wp-admin`: adminPath,
		"/blog/wp-admin-guide": usualPath, "/my-wp-admin": usualPath, "/docs/wp-admin.html": usualPath,
		"/.env": probePath, "/.env.local": probePath, "/a/.git/config": probePath, "/docs/.env/x": probePath,
		"/how-to-use-.env": usualPath, "/dot.env": usualPath, "/.well-known/acme": usualPath,
		"/phpinfo.php": probePath, "/blog/phpinfo.php-explained": usualPath, "/xphpinfo.php": usualPath,
		"/phpunit": probePath, "/phpunit-tutorial": usualPath, "/a/../../b": probePath, "/a..b": usualPath,
		"/etc/passwd": probePath, "/passwd": usualPath, "/manager-jobs": usualPath, "/managers": usualPath, "/": usualPath,
		"": usualPath,
	} {
		if got := suspicious([]byte(path)); got != want {
			t.Errorf("%s: got %d, want %d", path, got, want)
		}
	}
}

func TestProbesAreWhatIsNotThere(t *testing.T) {
	for _, c := range []struct {
		path   string
		status int
		want   bool
	}{
		{"/.env", 404, true}, {"/.env", 301, true}, {"/.env", 200, false}, {"/wp-admin", 404, true},
		{"/wp-admin", 302, false}, {"/wp-admin", 200, false}, {"/blog/wp-admin-guide", 404, false}, {"/x", 404, false},
	} {
		if got := Probes([]byte(c.path), c.status); got != c.want {
			t.Errorf("%s %d: got %v", c.path, c.status, got)
		}
	}
}
