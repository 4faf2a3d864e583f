// Package door is the HTTP and the command line of keys and logins. It is apart from package auth
// because the doors stand on engine/web, which stands on auth.
//
// It promises that a secret leaves in the one answer that makes it, and that on the command line it
// stands alone on standard output, so that `KEY=$(analytics keys create …)` works.
package door
