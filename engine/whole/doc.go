// Package whole replaces files so that nobody ever finds half of one.
//
// It promises that after a crash or a power cut, at any moment, the file is what it was or what it was to be,
// and that it is what it was to be once Write has returned; and that who reads it meanwhile reads one of the
// two. A crash may leave the file's name with .tmp behind it; the next Write of the same file takes it.
//
// Of one file there is one writer at a time: whoever shares one has a lock for it. The folder must be there.
package whole
