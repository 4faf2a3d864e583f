// Package geo tells where an address is: its country, region, city and the network it belongs to.
//
// Countries come with the program (phuslu/iploc, MIT, from IP2Location LITE data, whose licence asks
// for the attribution in the README). Regions, cities and
// networks come from files in MaxMind's format that the operator has: GeoLite2 or GeoIP2 City and
// ASN, DB-IP, IPinfo. The records of all of these are understood, see record.go.
//
// It promises that an address that is nobody's in the open net (private, reserved, of tests) has no
// place; that a file of the wrong kind or a broken one is refused by name of its key; that a new
// file is taken over while the server runs, and the old one stays when the new one is bad; and that
// no change to the file can disturb a lookup, since they read a copy of our own (database.go). It
// keeps no address.
//
// Third-party: oschwald/maxminddb-golang (ISC) reads the format, and is let in here only.
package geo
