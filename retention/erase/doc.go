// Package erase forgets a person: all events of a user or a visitor, wherever they are kept.
//
// It owns the verb `analytics erase` and the routes under /v1/erasures. An erasure of a person is written into
// the log first (retention/erasures), so that one that a crash or a full disk cuts short is finished by the
// job `erasures`, and so that a backup made before it does not bring the events back. One of everything is
// written down when it is done: the store finishes by itself what it began.
//
// It promises that, once it is done, no event that was stored before has the person's id: not in the
// journal, the segments, the archive or what is derived; that cubes are those of everybody else's events;
// that the audit trail says of which hours activities were erased, and stays whole otherwise; and that
// none of the bytes are left in the store's files once the hour under way is sealed.
//
// What it does not reach: reports that were sent or wait in the outbox, incidents, budgets and rules whose
// name or scope is the person's id (they are removed by their own verbs), exports that were taken away, and
// backups, which are erased again when they are restored.
package erase
