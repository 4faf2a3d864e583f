package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Tolerance is how far the time of a message may be from the receiver's.
const Tolerance = 5 * time.Minute

// maxSecrets is how many secrets sign at a time: the new one, and old ones until all know it.
const maxSecrets = 4

// The names of the headers.
const (
	headerID   = "webhook-id"
	headerTime = "webhook-timestamp"
	headerSign = "webhook-signature"
)

// ParseSecret reads whsec_ and the base64 of 24 to 64 random bytes. The error does not repeat it.
func ParseSecret(text string) ([]byte, error) {
	raw, ok := strings.CutPrefix(strings.TrimSpace(text), "whsec_")
	key, err := base64.StdEncoding.DecodeString(raw)
	if !ok || err != nil || len(key) < 24 || len(key) > 64 {
		return nil, errors.New("use whsec_ and the base64 of 24 to 64 random bytes; " +
			"`echo whsec_$(openssl rand -base64 32)` makes one")
	}
	return key, nil
}

// Sign is a signature of a message: "v1," and base64.
func Sign(secret []byte, id string, at time.Time, body []byte) string {
	mac := hmac.New(sha256.New, secret)
	fmt.Fprintf(mac, "%s.%d.", id, at.Unix())
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// Verify is what a receiver does: it checks the three headers against the secret, and the time
// against its own clock. It is here for the tests, and for receivers written in Go to be copied.
func Verify(secret []byte, header func(string) string, body []byte, now time.Time) error {
	seconds, err := strconv.ParseInt(header(headerTime), 10, 64)
	if err != nil {
		return errors.New("webhook-timestamp is not a number")
	}
	at := time.Unix(seconds, 0)
	if now.Sub(at).Abs() > Tolerance {
		return errors.New("webhook-timestamp is not within five minutes: old, or sent again by somebody")
	}
	want := Sign(secret, header(headerID), at, body)
	for _, signature := range strings.Fields(header(headerSign)) {
		if subtle.ConstantTimeCompare([]byte(signature), []byte(want)) == 1 {
			return nil
		}
	}
	return errors.New("no signature of webhook-signature fits")
}
