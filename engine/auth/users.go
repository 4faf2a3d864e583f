package auth

import (
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"analytics/engine/fault"
	"analytics/engine/store"
)

const (
	userPrefix = "user/"
	maxUsers   = 1_000
	maxUser    = 64 // bytes of a name
)

// User is a person who logs in to the dashboard with a password.
type User struct {
	Name    string    `json:"name"` // lower case: a name as people write it, or an e-mail address
	Scopes  Scopes    `json:"scopes"`
	Created time.Time `json:"created"`
	Changed time.Time `json:"changed"` // the password
}

// userRow is a user at rest.
type userRow struct {
	User
	Tenant string `json:"tenant"` // hex
	Hash   string `json:"hash"`
}

// try is by what wrong passwords are counted.
type try struct {
	name string
	from netip.Addr
}

// Users are the people who may log in with a password, and the sessions that become of it.
type Users struct {
	sessions *Sessions
	hasher   hasher
	tries    *debts[try]

	mu   sync.Mutex
	rows map[string]*userRow // by name; an entry is replaced, never changed
}

// openUsers reads the users from the shelf of the sessions.
func openUsers(ctx context.Context, s *Sessions) (*Users, error) {
	u := &Users{sessions: s, hasher: newHasher(), rows: map[string]*userRow{},
		tries: &debts[try]{burst: tryBurst, every: tryEvery, young: map[try]int64{}}}
	err := s.shelf.Each(userPrefix, func(name string, value []byte) error {
		var row userRow
		if err := json.Unmarshal(value, &row); err != nil {
			return fault.New(fault.Damaged, "store_damaged", "the row of user %s cannot be read",
				strings.TrimPrefix(name, userPrefix)).Wrap(err)
		}
		u.rows[row.Name] = &row
		return ctx.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("users: %w", err)
	}
	return u, nil
}

// Set makes a user of the tenant, or gives one a new password, which ends all his sessions. Without
// scopes a new user may look and export, and an old one keeps what he has.
func (u *Users) Set(ctx context.Context, t store.Tenant, name, password string, scopes Scopes) (User, error) {
	name, err := userName(name)
	if err != nil {
		return User{}, err
	}
	if err := checkPassword(password); err != nil {
		return User{}, err
	}
	for _, s := range scopes {
		if s != Query && s != Export && s != Admin {
			return User{}, fault.At(fault.Invalid, "bad_scope", "scopes",
				"a user can have the scopes query, export and admin; %s is for keys", s)
		}
	}
	kept, err := u.hasher.make(ctx, password)
	if err != nil {
		return User{}, err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	now, tenant := u.sessions.now().UTC(), hex.EncodeToString(t[:])
	row := &userRow{User: User{Name: name, Scopes: scopes, Created: now, Changed: now}, Tenant: tenant, Hash: kept}
	old := u.rows[name]
	switch {
	case old != nil && old.Tenant != tenant:
		return User{}, fault.At(fault.Conflict, "user_exists", "name", "there is a user of this name already")
	case old != nil:
		row.Created = old.Created
		if len(scopes) == 0 {
			row.Scopes = old.Scopes
		}
	case len(u.rows) >= maxUsers:
		return User{}, fault.New(fault.Limited, "too_many_users", "there are %d users already", maxUsers)
	}
	if len(row.Scopes) == 0 {
		row.Scopes = Scopes{Query, Export}
	}
	value, err := json.Marshal(row)
	if err != nil {
		return User{}, err
	}
	if err := u.sessions.shelf.Put(ctx, userPrefix+name, value); err != nil {
		return User{}, fmt.Errorf("users: %w", err)
	}
	u.rows[name] = row
	return row.User, u.sessions.endOf(ctx, name)
}

// Remove ends a user and his sessions.
func (u *Users) Remove(ctx context.Context, t store.Tenant, name string) error {
	name = strings.ToLower(name)
	u.mu.Lock()
	defer u.mu.Unlock()
	if row := u.rows[name]; row == nil || row.Tenant != hex.EncodeToString(t[:]) {
		return fault.New(fault.NotFound, "unknown_user", "there is no user %q", name)
	}
	if err := u.sessions.shelf.Delete(ctx, userPrefix+name); err != nil {
		return fmt.Errorf("users: %w", err)
	}
	delete(u.rows, name)
	return u.sessions.endOf(ctx, name)
}

// List is the users of a tenant by name.
func (u *Users) List(t store.Tenant) []User {
	u.mu.Lock()
	defer u.mu.Unlock()
	list := []User{}
	for _, row := range u.rows {
		if row.Tenant == hex.EncodeToString(t[:]) {
			list = append(list, row.User)
		}
	}
	slices.SortFunc(list, func(a, b User) int { return cmp.Compare(a.Name, b.Name) })
	return list
}

// Login starts a session of a user and returns the token for the cookie. After ten wrong passwords
// for a user from one address in a quarter of an hour it refuses the right one, too, and says how
// long to wait; from elsewhere the user still gets in, so nobody can lock him out.
func (u *Users) Login(ctx context.Context, name, password string, from netip.Addr) (string, error) {
	name = strings.ToLower(strings.TrimSpace(name))
	who := try{name[:min(len(name), maxUser)], customer(from)}
	// Counted before it is known to be wrong, so that many at once are not more tries.
	if wait := u.tries.add(who, u.sessions.now()); wait > 0 {
		return "", fault.New(fault.Limited, "too_many_failures",
			"too many wrong passwords; wait %s", wait.Truncate(time.Second)+time.Second)
	}
	u.mu.Lock()
	row := u.rows[name]
	u.mu.Unlock()
	kept := ""
	if row != nil {
		kept = row.Hash
	}
	fits, err := u.hasher.fits(ctx, password[:min(len(password), maxPassword+1)], kept)
	if err != nil {
		return "", err
	}
	if !fits {
		return "", fault.New(fault.Unauthorized, "wrong_password", "no user has this name and this password")
	}
	u.tries.forgive(who)
	u.mu.Lock()
	defer u.mu.Unlock() // until the session is there: a password that changes meanwhile ends it
	if u.rows[name] != row {
		return "", fault.New(fault.Unauthorized, "wrong_password", "the password was changed just now")
	}
	return u.sessions.start(ctx, &loginRow{Tenant: row.Tenant, User: name, Label: name, Scopes: row.Scopes})
}

// userName is the name as it is kept.
func userName(name string) (string, error) {
	name = strings.ToLower(strings.TrimSpace(name))
	odd := func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && !strings.ContainsRune("._-+@", r)
	}
	if name == "" || len(name) > maxUser || strings.ContainsFunc(name, odd) {
		return "", fault.At(fault.Invalid, "bad_name", "name",
			"a user's name has 1 to %d letters, digits and . _ - + @, such as anna or anna@example.com", maxUser)
	}
	return name, nil
}
