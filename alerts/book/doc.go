// Package book keeps what people set: rules on metrics, silences and maintenance windows.
//
// It owns their place on a shelf and in the configuration, and the version of each rule, which goes up
// with every change of what it says wherever that was changed. It promises that what it holds is valid,
// that a rule of the configuration is changed only there, and that each change is in the audit log with
// who made it. It evaluates nothing and tells nobody.
package book
