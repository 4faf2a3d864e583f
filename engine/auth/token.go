package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"hash/crc32"
	"slices"
	"strings"
)

// A key reads ak_<type>_<id>_<secret><crc>, such as ak_ing_f3kQ81xZ_…. The prefix lets scanners
// find leaked keys, the type tells people what they hold, and the checksum lets us throw away
// mistyped and invented keys before anything is looked up.
const (
	tokenPrefix  = "ak_"
	idLength     = 8
	secretLength = 32 // base62: 190.5 bits
	crcLength    = 6
	linkLength   = 43 // base62: 256 bits, for login links and sessions
)

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// keyType is the type in the token of a key with the given scopes.
func keyType(l Scopes) string {
	only := func(allowed ...Scope) bool {
		return !slices.ContainsFunc(l, func(s Scope) bool { return !slices.Contains(allowed, s) })
	}
	switch {
	case slices.Contains(l, Admin):
		return "adm"
	case only(Public):
		return "pub"
	case only(Ingest, Backfill):
		return "ing"
	case only(Query, Export):
		return "rd"
	}
	return "key"
}

// mint makes a new token for the key of the given type and id.
func mint(kind, id string) string {
	body := tokenPrefix + kind + "_" + id + "_" + random(secretLength)
	return body + checksum(body)
}

// parse takes the id out of a token whose form and checksum are right.
func parse(token string) (id string, ok bool) {
	if len(token) > 80 || !strings.HasPrefix(token, tokenPrefix) {
		return "", false
	}
	parts := strings.Split(token[len(tokenPrefix):], "_")
	if len(parts) != 3 || len(parts[1]) != idLength || len(parts[2]) != secretLength+crcLength {
		return "", false
	}
	body := token[:len(token)-crcLength]
	return parts[1], checksum(body) == token[len(token)-crcLength:]
}

// checksum is the CRC-32 of body in six base62 digits.
func checksum(body string) string {
	sum := crc32.ChecksumIEEE([]byte(body))
	var digits [crcLength]byte
	for i := crcLength - 1; i >= 0; i-- {
		digits[i] = base62[sum%62]
		sum /= 62
	}
	return string(digits[:])
}

// random is n base62 digits, each of which is as likely as the others: a byte over 247 is thrown
// away, since 248 is the last multiple of 62.
func random(n int) string {
	out := make([]byte, 0, n)
	var buf [64]byte
	for {
		rand.Read(buf[:])
		for _, b := range buf {
			if b >= 248 {
				continue
			}
			if out = append(out, base62[b%62]); len(out) == n {
				return string(out)
			}
		}
	}
}

// hash is what is kept of a secret.
func hash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

func sameHash(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
