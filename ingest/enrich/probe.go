package enrich

import "bytes"

// suspicion is how much a path speaks of someone who looks for holes.
type suspicion uint8

const (
	usualPath suspicion = iota
	adminPath           // where sites of some makes have their administration
	probePath           // what no page links to
)

// probes are the parts of paths that scanners ask for, in lower case, without those that begin with
// a dot: all such are suspicious but /.well-known. Written by hand; no published list was copied.
var probes = map[string]suspicion{
	"phpinfo.php": probePath, "info.php": probePath, "phpunit": probePath, "eval-stdin.php": probePath,
	"web.config": probePath, "wp-config.php": probePath, "wp-config.php.bak": probePath,
	"setup-config.php": probePath, "wlwmanifest.xml": probePath, "shell.php": probePath,
	"c99.php": probePath, "r57.php": probePath, "alfa.php": probePath, "adminer.php": probePath,
	"id_rsa": probePath, "credentials.json": probePath, "secrets.yml": probePath, "dump.sql": probePath,
	"backup.sql": probePath, "database.sql": probePath, "db.sql": probePath, "config.php.bak": probePath,
	"boaform": probePath, "hnap1": probePath, "goform": probePath, "cgi-bin": probePath,
	"_ignition": probePath, "_profiler": probePath, "telescope": adminPath, "actuator": adminPath,
	"server-status": probePath, "server-info": probePath, "jmx-console": probePath,
	"invoker": adminPath, "solr": adminPath, "jenkins": adminPath, "struts": adminPath,
	"autodiscover": adminPath, "owa": adminPath, "ecp": adminPath, "xmlrpc.php": adminPath,
	"wp-login.php": adminPath, "wp-admin": adminPath, "wp-includes": adminPath, "wp-content": adminPath,
	"wp-json": adminPath, "wp": adminPath, "wordpress": adminPath, "phpmyadmin": adminPath,
	"pma": adminPath, "myadmin": adminPath, "mysqladmin": adminPath, "administrator": adminPath,
	"admin.php": adminPath, "login.action": adminPath, "manager": adminPath, "sftp-config.json": probePath,
	"config.json": adminPath, "docker-compose.yml": probePath, "composer.lock": adminPath,
}

// Probes reports a request that only scanners make: for what no page links to, or for an
// administration that the site does not have. status is that of the answer; what was answered well
// is a page like others.
func Probes(path []byte, status int) bool {
	if status < 300 {
		return false
	}
	kind := suspicious(path)
	return kind == probePath || kind == adminPath && status >= 400
}

// suspicious reports how much a path speaks of a scanner. It is looked at as the server will: with
// escapes taken out, twice, since scanners escape escapes; in lower case; cut at 256 bytes.
func suspicious(path []byte) (worst suspicion) {
	if len(path) < 2 {
		return usualPath
	}
	var room [256]byte
	text := room[:copy(room[:], path)]
	for range 2 {
		if bytes.IndexByte(text, '%') < 0 {
			break
		}
		text = unescape(text)
	}
	for i, c := range text {
		switch {
		case 'A' <= c && c <= 'Z':
			text[i] = c | 0x20
		case c == '\\':
			text[i] = '/'
		}
	}
	before := []byte(nil)
	for len(text) > 0 {
		part, rest, _ := bytes.Cut(text, []byte{'/'})
		if n := bytes.IndexByte(part, ';'); n >= 0 {
			part = part[:n]
		}
		worst = max(worst, part1(part, before))
		before, text = part, rest
	}
	return worst
}

// part1 is the suspicion of one part of a path, and the one before it.
func part1(part, before []byte) suspicion {
	switch {
	case len(part) < 2:
		return usualPath
	case part[0] == '.':
		if string(part) == ".well-known" || part[1] != '.' && !letter(part[1]) {
			return usualPath
		}
		return probePath
	case string(part) == "passwd" && string(before) == "etc":
		return probePath
	}
	return probes[string(part)]
}

func letter(c byte) bool { return 'a' <= c && c <= 'z' }

// unescape takes out escapes, in place.
func unescape(text []byte) []byte {
	out := text[:0]
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '%' && i+2 < len(text) {
			if hi, lo := nibble(text[i+1]), nibble(text[i+2]); hi <= 15 && lo <= 15 {
				c, i = hi<<4|lo, i+2
			}
		}
		out = append(out, c)
	}
	return out
}
