// Package doctor says whether a store is sound, and what is wrong with it.
//
// It owns the verb `doctor` and its report. It promises to look at everything, to go on after a
// problem, and to answer in words even where the storage engine would crash: a closed store is
// opened in a process of its own, and the end of that process is part of the finding. It never
// repairs: what is damaged is restored from a backup or rebuilt from raw events, by people.
package doctor
