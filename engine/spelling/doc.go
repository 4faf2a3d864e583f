// Package spelling finds what a misspelled name may have meant.
//
// It owns how far two names are apart. Which names there are is said by who asks, and what is done about it is
// said there, too.
package spelling
