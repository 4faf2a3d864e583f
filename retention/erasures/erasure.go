package erasures

import (
	"bufio"
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"analytics/engine/fault"
	"analytics/engine/store"
)

// The scopes that are known: what an erasure goes by.
const (
	Tenant  = "tenant"  // all events of the tenant
	User    = "user"    // all of a user_id
	Visitor = "visitor" // all of a visitor_id
)

// Erasure is one erasure: a line of the log.
type Erasure struct {
	ID string `json:"id"`
	// At is when it was asked for. Everything that was stored before goes.
	At time.Time `json:"at"`
	// Tenant is the tenant's name, or its bytes as 0x and hexadecimal digits.
	Tenant string `json:"tenant"`
	// Scope says what Hash is the hash of; of a tenant there is none.
	Scope string `json:"scope"`
	Salt  string `json:"salt,omitempty"`
	Hash  string `json:"hash,omitempty"`
}

// New makes an erasure of everything of a tenant with this value in the field that the scope names.
func New(t store.Tenant, scope string, value []byte, at time.Time) Erasure {
	e := Erasure{ID: random(8), At: at.UTC(), Tenant: TenantText(t), Scope: scope}
	if scope != Tenant {
		e.Salt = random(16)
		e.Hash = e.hash(value)
	}
	return e
}

func random(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// hash is of salt, tenant, scope and value, each with its length before it.
func (e *Erasure) hash(value []byte) string {
	h := sha256.New()
	for _, part := range []string{e.Salt, e.Tenant, e.Scope, string(value)} {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Matches says whether a value of the scope's field is what was erased.
func (e *Erasure) Matches(value []byte) bool {
	return e.Scope != Tenant && subtle.ConstantTimeCompare([]byte(e.hash(value)), []byte(e.Hash)) == 1
}

// Of is the tenant.
func (e *Erasure) Of() (t store.Tenant, err error) {
	text := []byte(e.Tenant)
	if digits, ok := strings.CutPrefix(e.Tenant, "0x"); ok {
		if text, err = hex.DecodeString(digits); err != nil {
			return t, err
		}
	}
	if len(text) == 0 || len(text) > len(t) {
		return t, fmt.Errorf("%q is no tenant", e.Tenant)
	}
	copy(t[:], text)
	return t, nil
}

// TenantText is a tenant as text: its name, or hexadecimal digits where it has none.
func TenantText(t store.Tenant) string {
	name := strings.TrimRight(string(t[:]), "\x00")
	for _, c := range []byte(name) {
		if c <= ' ' || c > '~' {
			return fmt.Sprintf("0x%x", t[:])
		}
	}
	if name == "" || strings.HasPrefix(name, "0x") {
		return fmt.Sprintf("0x%x", t[:])
	}
	return name
}

// check refuses a line that says nothing.
func (e *Erasure) check() error {
	_, err := e.Of()
	switch {
	case err != nil:
		return err
	case e.ID == "" || e.Scope == "":
		return errors.New("it has no id or no scope")
	case e.Scope != Tenant && (len(e.Hash) != 2*sha256.Size || e.Salt == ""):
		return errors.New("it has no hash")
	}
	return nil
}

// maxLine is far more than a line has.
const maxLine = 4 << 10

// Parse reads a log: JSON, one erasure a line. A line that cannot be read is an error: what it erased
// would come back.
func Parse(r io.Reader, name string) (all []Erasure, err error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	for n := 1; lines.Scan(); n++ {
		if len(strings.TrimSpace(lines.Text())) == 0 {
			continue
		}
		var e Erasure
		err := json.Unmarshal(lines.Bytes(), &e)
		if err == nil {
			err = e.check()
		}
		if err != nil {
			return nil, fault.At(fault.Invalid, "bad_erasures", "erasures",
				"line %d of %s is no erasure: %v", n, name, err)
		}
		all = append(all, e)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return all, nil
}

// Format is the log of some erasures.
func Format(all []Erasure) []byte {
	var b []byte
	for i := range all {
		line, err := json.Marshal(&all[i])
		if err != nil {
			panic("erasures: " + err.Error()) // of strings and a time
		}
		b = append(append(b, line...), '\n')
	}
	return b
}

// Union is every erasure once, in the order in which they were made.
func Union(lists ...[]Erasure) []Erasure {
	seen := map[string]bool{}
	var out []Erasure
	for _, list := range lists {
		for _, e := range list {
			if !seen[e.ID] {
				seen[e.ID] = true
				out = append(out, e)
			}
		}
	}
	slices.SortFunc(out, func(a, b Erasure) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	return out
}

// Without is what is in a list and not in another.
func Without(list, known []Erasure) (out []Erasure) {
	return slices.DeleteFunc(slices.Clone(list), func(e Erasure) bool {
		return slices.ContainsFunc(known, func(k Erasure) bool { return k.ID == e.ID })
	})
}
