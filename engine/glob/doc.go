// Package glob is what a pattern means wherever one may be written: in filters, in the steps of funnels,
// in silences and rules. It stands this far to the left so that every room has the same.
package glob
