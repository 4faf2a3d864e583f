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
// It never speaks HTTP beyond reading a key from a request's headers; the doors are in auth/door.
//
// Only passwords have a slow hash (password.go): a key has 190 random bits, so there is nothing to guess, and a slow
// hash on every request would cost more than the request.
package auth
