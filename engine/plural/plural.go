// Package plural says how many there are of something in words that fit the number.
//
// It owns nothing else: numbers are plain digits, and languages other than English are none of its business.
package plural

import "fmt"

// Of is "1 event", or "2 events"; what has another plural than an s gives it: Of(n, "entry", "entries"). A verb
// can come along: Of(n, "login was ended", "logins were ended").
func Of[N ~int | ~int64 | ~uint64](n N, one string, more ...string) string {
	switch {
	case n == 1:
		return "1 " + one
	case len(more) > 0:
		return fmt.Sprintf("%d %s", n, more[0])
	}
	return fmt.Sprintf("%d %ss", n, one)
}
