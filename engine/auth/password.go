package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"analytics/engine/fault"
)

// The cost of a password: argon2id with 19 MiB, two passes and one lane, the first choice of OWASP's
// Password Storage Cheat Sheet. About 25 ms here, so that guessing is slow also for who has the disk.
const (
	argonMemory = 19 << 10 // KiB
	argonTime   = 2
	argonLanes  = 1
	saltBytes   = 16
	argonBytes  = 32
	atOnce      = 2 // passwords hashed at a time: 38 MiB, however many log in
)

// The length of a password, in characters and bytes. Length is all that is asked for, as NIST SP
// 800-63B has it.
const (
	minPassword = 12
	maxPassword = 256
)

// checkPassword says what is wrong with a new password.
func checkPassword(password string) error {
	switch {
	case !utf8.ValidString(password):
		return fault.At(fault.Invalid, "bad_password", "password", "the password is not UTF-8")
	case utf8.RuneCountInString(password) < minPassword:
		return fault.At(fault.Invalid, "short_password", "password",
			"the password needs at least %d characters; four random words are easy to keep in mind", minPassword)
	case len(password) > maxPassword:
		return fault.At(fault.Invalid, "long_password", "password", "the password has more than %d bytes", maxPassword)
	}
	return nil
}

// hasher turns passwords into what is kept of them, few at a time.
type hasher chan struct{}

func newHasher() hasher { return make(hasher, atOnce) }

// make hashes a password with a salt of its own, in the PHC string format
// (github.com/P-H-C/phc-string-format): $argon2id$v=19$m=19456,t=2,p=1$salt$hash.
func (h hasher) make(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltBytes)
	rand.Read(salt)
	sum, err := h.sum(ctx, password, salt, argonMemory, argonTime, argonLanes, argonBytes)
	if err != nil {
		return "", err
	}
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		argon2.Version, argonMemory, argonTime, argonLanes, b64(salt), b64(sum)), nil
}

// fits reports whether the password is the one that was made into kept. An empty kept fits nothing
// and takes as long, so that nobody learns which users there are.
func (h hasher) fits(ctx context.Context, password, kept string) (bool, error) {
	known := kept != ""
	if !known {
		kept = fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$AAAAAAAAAAAAAAAAAAAAAA$%s", argon2.Version,
			argonMemory, argonTime, argonLanes, strings.Repeat("A", base64.RawStdEncoding.EncodedLen(argonBytes)))
	}
	var version, memory, passes uint32
	var lanes uint8
	parts := strings.Split(kept, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" {
		return false, errors.New("a password row cannot be read")
	}
	_, badVersion := fmt.Sscanf(parts[2], "v=%d", &version)
	_, badCost := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &passes, &lanes)
	salt, badSalt := base64.RawStdEncoding.DecodeString(parts[4])
	want, badSum := base64.RawStdEncoding.DecodeString(parts[5])
	if err := errors.Join(badVersion, badCost, badSalt, badSum); err != nil {
		return false, fmt.Errorf("a password row cannot be read: %w", err)
	}
	if version != argon2.Version || memory == 0 || memory > 1<<20 || passes == 0 || passes > 64 || lanes == 0 ||
		len(want) < argonBytes || len(want) > 1<<10 {
		return false, errors.New("a password row has a cost that is not possible")
	}
	got, err := h.sum(ctx, password, salt, memory, passes, lanes, uint32(len(want)))
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1 && known, nil
}

// sum waits for its turn.
func (h hasher) sum(
	ctx context.Context, password string, salt []byte, memory, passes uint32, lanes uint8, n uint32,
) ([]byte, error) {
	select {
	case h <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-h }()
	return argon2.IDKey([]byte(password), salt, passes, memory, lanes, n), nil
}
