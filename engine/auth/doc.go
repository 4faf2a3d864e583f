// Package auth says who is asking and what they may do: API keys, one-time login links, users with a
// password, shares by which anybody may look, and the cookie sessions that those become.
//
// It owns the form of a key (token.go), the rows of keys, links, users and sessions on their shelf, and
// the meaning of a scope. It promises that a secret is shown once and never kept (only its SHA-256
// is), that a mistyped key costs no look-up, that a comparison takes the same time whatever is
// wrong, and that a revoked key stops at its next request.
//
// A key or a share can be bound to one agent, project or site (binding.go). Which routes keep to that is
// said where they are hung, in engine/web; all others refuse it. A share can be limited to pages of the
// dashboard, too: what those may ask is decided by who draws them (web.Views).
//
// Every key, user, share and login is of one tenant and asks about that tenant's events alone. No door makes a key
// for another tenant than the asker's own, and the socket is the default one's, so there is only that one. A second
// would need more than a key: its administrators must be kept from what is the whole server's (metrics, jobs, doctor,
// backups, prices, bots, sites, throttling), the tracker and the tables of jobs must know whose they work for, and
// sessions and cells of days must be made for it.
//
// It never speaks HTTP beyond reading a key from a request's headers; the doors are in auth/door.
//
// Only passwords have a slow hash (password.go): a key has 190 random bits, so there is nothing to guess, and a slow
// hash on every request would cost more than the request.
package auth
