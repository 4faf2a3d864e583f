// Package outbound is the way out: it says which network addresses this server may connect to on
// somebody's behalf.
//
// It owns the list of ranges that are nobody's public service. It promises that the check is made on
// the address about to be connected to, after name resolution, so that a name that changes its mind
// between check and use does not get through, and that private ranges are reached only where
// network.allow names them. It never reads proxy settings from the environment: a proxy would make
// the check see the proxy's address only.
package outbound
