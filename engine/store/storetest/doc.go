// Package storetest gives stores of tests what they must not take from the machine.
//
// It owns no data and reads nothing. Only tests import it.
package storetest

// Room is the Space of a store whose disk has plenty of room, however full the machine's is: a store
// takes nothing in, and an export is refused, where too little of the volume is free.
func Room(string) (free, total int64, err error) { return 512 << 30, 1 << 40, nil }
