package decode

import (
	"bytes"
	"slices"
)

// Scrub appends text without secrets and addresses, at most limit bytes of it. Error messages of
// providers quote keys and accounts; what is kept here is read by many people. It replaces API keys
// by their known prefixes, what follows Bearer, Basic, "password=" and the like, e-mail addresses,
// and long runs of letters and digits that look random. It would rather take too much.
func Scrub(dst, text []byte, limit int) []byte {
	at := len(dst)
	for len(text) > 0 && len(dst)-at <= limit {
		n := wordLength(text)
		if n == 0 {
			dst, text = append(dst, text[0]), text[1:]
			continue
		}
		if mark, secret := secretAt(text, n); secret > 0 {
			dst, text = append(dst, mark...), text[secret:]
			continue
		}
		word := text[:n]
		dst, text = append(dst, word...), text[n:]
		if gap := gapAfter(word, text); gap > 0 {
			value := valueLength(text[gap:])
			dst = append(append(dst, text[:gap]...), redacted...)
			text = text[gap+value:]
		}
	}
	return dst[:at+len(cut(dst[at:], limit))]
}

const (
	redacted = "[redacted]"
	address  = "[email]"
	// longRandom is from where a run of letters and digits is taken for a secret: longer than a
	// UUID, no longer than the shortest keys without a prefix.
	longRandom = 40
)

// secretAt finds a secret at the start of text, whose first word has n bytes: what to write in its
// place, and its length.
func secretAt(text []byte, n int) (mark string, length int) {
	if m := emailLength(text); m > 0 {
		return address, m
	}
	for _, p := range keyPrefixes {
		if !bytes.HasPrefix(text, []byte(p)) {
			continue
		}
		m := len(p)
		for m < len(text) && isKeyByte(text[m]) {
			m++
		}
		if m-len(p) >= 6 {
			return redacted, m
		}
	}
	if n >= longRandom && bytes.ContainsAny(text[:n], "0123456789") {
		return redacted, n
	}
	return "", 0
}

var keyPrefixes = []string{
	"sk-", "sk_", "pk_", "rk_", "ak_", "gsk_", "hf_", "r8_", "xai-", "pplx-", "nvapi-", "tvly-",
	"sess-", "ghp_", "gho_", "ghs_", "ghu_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "xoxa-",
	"AKIA", "ASIA", "AIza", "ya29.", "eyJ", "phc_", "whsec_",
}

// named are words whose value is a secret.
var named = []string{
	"bearer", "basic", "password", "passwd", "secret", "token", "api_key", "apikey", "api-key",
	"x-api-key", "access_token", "refresh_token", "client_secret", "authorization", "key",
}

// gapAfter is the length of what stands between a word that names a secret and the secret: a space
// after Bearer and Basic, a colon or an equals sign, maybe in quotes, after the others.
func gapAfter(word, text []byte) int {
	lower := string(bytes.ToLower(word))
	if len(word) > 16 || !slices.Contains(named, lower) {
		return 0
	}
	gap, sign, shortest := 0, false, 4
	if lower == "bearer" || lower == "basic" {
		sign, shortest = true, 8
	}
	for gap < len(text) && bytes.IndexByte([]byte(" \"'=:\\"), text[gap]) >= 0 {
		sign = sign || text[gap] == '=' || text[gap] == ':'
		gap++
	}
	if !sign || gap == 0 || valueLength(text[gap:]) < shortest {
		return 0
	}
	if next := wordLength(text[gap:]); next > 0 {
		scheme := string(bytes.ToLower(text[gap : gap+next]))
		if scheme == "bearer" || scheme == "basic" {
			return 0 // the scheme names the secret behind it
		}
	}
	return gap
}

// valueLength is the length of a secret up to white space, a quote or a separator.
func valueLength(text []byte) int {
	n := bytes.IndexAny(text, " \t\r\n\"'&,;<>()")
	if n < 0 {
		return len(text)
	}
	return n
}

func wordLength(text []byte) int {
	n := 0
	for n < len(text) && isWordByte(text[n]) {
		n++
	}
	return n
}

func isWordByte(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' || c == '_' || c == '-'
}

// isKeyByte also takes the dots and stars with which providers shorten a key they quote.
func isKeyByte(c byte) bool { return isWordByte(c) || c == '.' || c == '*' }

// emailLength is the length of an e-mail address at the start of text.
func emailLength(text []byte) int {
	n := 0
	for n < len(text) && n < 65 && (isWordByte(text[n]) || text[n] == '.' || text[n] == '+' ||
		text[n] == '%') {
		n++
	}
	if n == 0 || n == len(text) || text[n] != '@' {
		return 0
	}
	at, dot := n, false
	for n++; n < len(text) && (isWordByte(text[n]) || text[n] == '.'); n++ {
		dot = dot || text[n] == '.' && n > at+1
	}
	if !dot {
		return 0
	}
	if text[n-1] == '.' { // the end of a sentence
		n--
	}
	return n
}
